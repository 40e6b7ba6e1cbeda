import { AiCoreError, LIFECYCLES, TIERS, type Kind, type ProviderEdit } from '@ai-core/core';
import { addProvider, disableProvider, editProvider, listPrices, loadCatalogueSnapshot, type ProviderKey } from '@ai-core/store';
import type { Command } from 'commander';
import { openAct } from '../act.ts';
import { formatTable } from '../output.ts';
import { parseChoice, parseDay, parseNumber, parseText } from '../parse-option.ts';
import type { RunVerb, Verb, VerbContext } from '../verb.ts';

const KINDS: readonly Kind[] = ['text', 'audio'];
const BY = ['--by <name>', 'who decides this, for the audit log; default: the account this runs under'] as const;
const SWITCH = ['true', 'false'] as const;
const MOST_TOKENS = 100_000_000;

function withEdits(command: Command): Command {
  return command
    .option('--tier <tier>', `one of ${TIERS.join(', ')}`)
    .option('--quality <score>', '0 to 1')
    .option('--cost-per-million <usd>', 'orders the choice; bills nothing. Default: follows the price')
    .option('--active <true|false>', 'whether it may be chosen')
    .option('--default <true|false>', 'whether it is the first choice of its kind and tier')
    .option('--max-tokens <n>', 'context window')
    .option('--max-output-tokens <n>', 'longest answer')
    .option('--lifecycle <state>', `one of ${LIFECYCLES.join(', ')}`)
    .option('--shutdown-date <day>', 'UTC day from which it is gone; none = no such day')
    .option('--successor <model>', 'what takes its place; none = nothing')
    .option('--traffic-share <percent>', 'share of the traffic while it is tried; none = all')
    .option('--base-url <url>', 'another address, of a host in AI_CORE_PROVIDER_HOSTS; none = the usual one')
    .option(...BY)
    .option('--json', 'print one JSON document');
}

/** `none` takes a value away. */
function nullable<Value>(text: unknown, parse: (text: unknown) => Value | undefined): Value | null | undefined {
  return text === 'none' ? null : parse(text);
}

function parseSwitch(text: unknown, option: string): boolean | undefined {
  const value = parseChoice(text, option, SWITCH);
  return value === undefined ? undefined : value === 'true';
}

/** @throws REQUEST_INVALID for an address of a host the environment does not name */
function parseBaseUrl(text: unknown, allowed: string | undefined): string | undefined {
  const url = parseText(text);
  if (url === undefined) return undefined;
  const hosts = (allowed ?? '').split(',').map((host) => host.trim());
  if (URL.canParse(url) && hosts.includes(new URL(url).hostname)) return url;
  throw new AiCoreError('REQUEST_INVALID', '--base-url takes an address of a host that AI_CORE_PROVIDER_HOSTS names');
}

function parseEdit({ options, environment }: VerbContext): ProviderEdit {
  const tokens = (option: string, text: unknown) => parseNumber(text, option, { from: 1, to: MOST_TOKENS, whole: true });
  return {
    tier: parseChoice(options['tier'], '--tier', TIERS),
    qualityScore: parseNumber(options['quality'], '--quality', { from: 0, to: 1 }),
    costPerMillionTokens: parseNumber(options['costPerMillion'], '--cost-per-million', { from: 0, to: 1_000_000 }),
    isActive: parseSwitch(options['active'], '--active'),
    isDefault: parseSwitch(options['default'], '--default'),
    maxTokens: tokens('--max-tokens', options['maxTokens']),
    maxOutputTokens: tokens('--max-output-tokens', options['maxOutputTokens']),
    lifecycle: parseChoice(options['lifecycle'], '--lifecycle', LIFECYCLES),
    shutdownDate: nullable(options['shutdownDate'], (text) => parseDay(text, '--shutdown-date')),
    successor: nullable(options['successor'], parseText),
    trafficShare: nullable(options['trafficShare'], (text) => parseNumber(text, '--traffic-share', { from: 0, to: 100, whole: true })),
    baseUrl: nullable(options['baseUrl'], (text) => parseBaseUrl(text, environment.AI_CORE_PROVIDER_HOSTS)),
  };
}

function parseKey({ args, options }: VerbContext): ProviderKey {
  return { provider: args[0] ?? '', modelName: args[1] ?? '', kind: parseChoice(options['kind'], '--kind', KINDS) ?? 'text' };
}

/** A command that names one configuration. */
function named(command: Command, name: string, description: string): Command {
  return command
    .command(name)
    .description(description)
    .argument('<provider>', 'name of the provider')
    .argument('<model>', 'name of the model or voice engine')
    .option('--kind <kind>', KINDS.join(' or '), 'text');
}

function declareAdd(command: Command, run: RunVerb): void {
  withEdits(named(command, 'add', 'let a model be chosen: what the catalogue knows of it, and what is given')).action(
    run(async (context) => {
      const key = parseKey(context);
      const edit = parseEdit(context);
      const act = await openAct(context);
      const row = await addProvider(act, key, edit);
      const priced = (await listPrices(act.database, key)).some((price) => price.isInEffect);
      if (!priced)
        context.output.note(`${key.provider}/${key.modelName} has no price: its calls are listed as unpriced until one is imported`);
      context.output.result({ ...key, ...row, priced }, [`${key.provider}/${key.modelName} (${key.kind}) is added`]);
    }),
  );
}

function declareEdit(command: Command, run: RunVerb): void {
  withEdits(named(command, 'edit', 'change a configuration; setup leaves alone what was set here')).action(
    run(async (context) => {
      const key = parseKey(context);
      const edit = parseEdit(context);
      const row = await editProvider(await openAct(context), key, edit);
      context.output.result({ ...key, ...row }, [`${key.provider}/${key.modelName} (${key.kind}) is changed`]);
    }),
  );
}

function declareDisable(command: Command, run: RunVerb): void {
  named(command, 'disable', 'never choose this model, whatever the catalogue says')
    .option(...BY)
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const key = parseKey(context);
        const row = await disableProvider(await openAct(context), key);
        context.output.result({ ...key, ...row }, [`${key.provider}/${key.modelName} (${key.kind}) is disabled`]);
      }),
    );
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('every configuration')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const { database } = await connect();
        const { configs } = await loadCatalogueSnapshot(database);
        const rows = configs.toSorted((one, two) =>
          `${one.kind} ${one.provider}/${one.modelName}`.localeCompare(`${two.kind} ${two.provider}/${two.modelName}`, 'en'),
        );
        const head = ['model', 'kind', 'tier', 'active', 'default', 'USD/M', 'quality', 'lifecycle', 'until'];
        const cells = rows.map((row) => [
          `${row.provider}/${row.modelName}`,
          row.kind,
          row.tier,
          row.isActive ? 'yes' : 'no',
          row.isDefault ? 'yes' : '',
          String(row.costPerMillionTokens ?? ''),
          String(row.qualityScore),
          row.lifecycle,
          row.shutdownDate ?? '',
        ]);
        output.result(
          { configurations: rows },
          rows.length === 0 ? ['no model is configured; `ai-core setup-providers` makes the usual ones'] : formatTable(head, cells),
        );
      }),
    );
}

export const providers: Verb = {
  declare(program, run) {
    const command = program.command('providers').description('which models may be chosen');
    declareList(command, run);
    declareAdd(command, run);
    declareEdit(command, run);
    declareDisable(command, run);
    return command;
  },
};
