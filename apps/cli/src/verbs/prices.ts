import { readFile } from 'node:fs/promises';
import {
  AiCoreError,
  CATALOGUE,
  formatMoney,
  isGenaiPrices,
  isLitellmPrices,
  proposePrices,
  readGenaiPrices,
  readLitellmPrices,
  type PriceOffer,
  type PriceProposal,
  type RateChange,
} from '@ai-core/core';
import { addPrices, listPrices, loadCatalogueSnapshot, type ListedPrice } from '@ai-core/store';
import type { Command } from 'commander';
import { openAct } from '../act.ts';
import { formatTable } from '../output.ts';
import { parseDay, parseText } from '../parse-option.ts';
import type { RunVerb, Verb } from '../verb.ts';

function usd(nanoUsd: bigint | null): string | null {
  return nanoUsd === null ? null : formatMoney(nanoUsd);
}

function toDocument(price: ListedPrice): object {
  const { rates } = price;
  return {
    id: price.id,
    provider: price.provider,
    model: price.modelName,
    effective_from: price.effectiveFrom,
    effective_to: price.effectiveTo,
    in_effect: price.isInEffect,
    usd_per_million: {
      input: usd(rates.input),
      output: usd(rates.output),
      cached_input: usd(rates.cachedInput),
      cache_write: usd(rates.cacheWrite),
      cache_write_long: usd(rates.cacheWriteLong),
      characters: usd(rates.characters),
      audio_output: usd(rates.audioOutput),
    },
    usd_per_request: formatMoney(price.perRequestNanoUsd),
    batch_share: price.batchBasisPoints / 10_000,
    long_context_above: price.longContext?.above ?? null,
    source: price.source,
    checked_on: price.checkedOn,
  };
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('prices in effect, USD for a million tokens or characters')
    .option('--provider <name>', 'only of this provider')
    .option('--model <name>', 'only of this model')
    .option('--all', 'also prices of the past and of the future')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ options, output, connect }) => {
        const filter = { provider: parseText(options['provider']), modelName: parseText(options['model']) };
        const { database } = await connect();
        const all = await listPrices(database, filter);
        const prices = options['all'] === true ? all : all.filter((price) => price.isInEffect);
        const cells = prices.map(({ provider, modelName, effectiveFrom, rates, isInEffect }) => [
          `${provider}/${modelName}`,
          effectiveFrom.toISOString().slice(0, 16).replace('T', ' '),
          isInEffect ? 'yes' : 'no',
          ...[rates.input, rates.cachedInput, rates.output, rates.audioOutput, rates.characters].map((rate) => usd(rate) ?? ''),
        ]);
        const head = ['model', 'from (UTC)', 'in effect', 'input', 'cached', 'output', 'audio', 'characters'];
        output.result({ prices: prices.map(toDocument) }, prices.length === 0 ? ['no price fits'] : formatTable(head, cells));
      }),
    );
}

const MOST_FILE_BYTES = 64 * 1024 * 1024;

/** @throws REQUEST_INVALID for a file that cannot be read, is no JSON, or is neither of the two lists */
async function readOffers(file: string): Promise<{ format: string; offers: PriceOffer[] }> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `the price list ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`,
      { cause },
    );
  });
  if (text.length > MOST_FILE_BYTES) throw new AiCoreError('REQUEST_INVALID', `the price list ${file} is larger than 64 MB`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new AiCoreError('REQUEST_INVALID', `the price list ${file} is not JSON`, { cause });
  }
  if (isLitellmPrices(document)) return { format: 'litellm', offers: readLitellmPrices(document) };
  if (isGenaiPrices(document)) return { format: 'genai-prices', offers: readGenaiPrices(document) };
  throw new AiCoreError('REQUEST_INVALID', `${file} is neither LiteLLM's price map nor the data of genai-prices`);
}

function showAmount(unit: string, amount: bigint | null): string | null {
  if (amount === null) return null;
  if (unit === 'batch') return `${Number(amount) / 100} %`;
  return unit.endsWith('above') ? String(amount) : formatMoney(amount);
}

function percent({ from, to }: RateChange): number | null {
  return from === null || to === null || from === 0n ? null : Number(((to - from) * 1_000n) / from) / 10;
}

function describeProposal({ price, changes, flags }: PriceProposal): string[] {
  const mark = flags.length === 0 ? '' : `  [${flags.join(', ')}]`;
  return [
    `${price.provider}/${price.modelName} from ${price.effectiveFrom.toISOString()}${mark}`,
    ...changes.map((change) => {
      const share = percent(change);
      const grows = share !== null && share > 0 ? '+' : '';
      return `  ${change.unit}: ${showAmount(change.unit, change.from) ?? 'none'} -> ${showAmount(change.unit, change.to) ?? 'none'}${share === null ? '' : ` (${grows}${share} %)`}`;
    }),
  ];
}

function proposalDocument({ price, changes, flags }: PriceProposal): object {
  return {
    provider: price.provider,
    model: price.modelName,
    effective_from: price.effectiveFrom,
    flags,
    changes: changes.map((change) => ({
      unit: change.unit,
      from: showAmount(change.unit, change.from),
      to: showAmount(change.unit, change.to),
      change_percent: percent(change),
    })),
  };
}

function declareImport(command: Command, run: RunVerb): void {
  command
    .command('import')
    .description("propose dated prices from LiteLLM's map or the data of genai-prices; prices that exist are never changed")
    .argument('<file>', 'JSON file of either list')
    .option('--apply', 'write the proposals that carry no flag')
    .option('--accept-jumps', 'with --apply: also changes of more than 20 %')
    .option('--from <day>', 'the prices hold from this UTC day on; default: from now on')
    .option('--by <name>', 'who decides this, for the audit log; default: the account this runs under')
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const { args, options, output } = context;
        const day = parseDay(options['from'], '--from');
        if (options['acceptJumps'] === true && options['apply'] !== true)
          throw new AiCoreError('REQUEST_INVALID', '--accept-jumps goes with --apply');
        const { format, offers } = await readOffers(args[0] ?? '');
        const act = await openAct(context);
        const { configs, prices } = await loadCatalogueSnapshot(act.database);
        const known = new Set([...configs, ...CATALOGUE].map(({ provider, modelName }) => `${provider}/${modelName}`));
        const from = day === undefined ? new Date() : new Date(`${day}T00:00:00Z`);
        const { proposals, same, unknownModels } = proposePrices({ offers, prices, known, from });
        const acceptable = options['acceptJumps'] === true ? ['jump'] : [];
        const chosen = proposals.filter(({ changes, flags }) => changes.length > 0 && flags.every((flag) => acceptable.includes(flag)));
        const applied =
          options['apply'] === true && chosen.length > 0
            ? await addPrices(
                act,
                chosen.map(({ price }) => price),
                `import of a ${format} list`,
              )
            : [];
        output.result(
          { format, same, proposals: proposals.map(proposalDocument), unknown_models: unknownModels, applied: applied.length },
          [
            ...proposals.flatMap(describeProposal),
            `${proposals.length} proposals, ${same} as known, ${unknownModels.length} models that AI Core does not know`,
            options['apply'] === true ? `${applied.length} written` : 'nothing is written without --apply',
          ],
        );
      }),
    );
}

export const prices: Verb = {
  declare(program, run) {
    const command = program.command('prices').description('what models cost, and from when on');
    declareList(command, run);
    declareImport(command, run);
    return command;
  },
};
