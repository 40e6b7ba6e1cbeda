import { AiCoreError } from '@ai-core/core';
import { applyTierProposal, listTierChoices, listTierProposals, undoTierChoice, type Act, type TierProposalLine } from '@ai-core/store';
import type { Command } from 'commander';
import { announceChange } from '../announce-change.ts';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import type { Connection, RunVerb, Verb } from '../verb.ts';

const WORDS = {
  no_model: 'no model of this tier can be used',
  price_unknown: 'a price is not known',
  not_cheaper: 'it would not be cheaper',
  too_few_scores: 'too few answers were rated or judged',
  below_floor: 'not surely good enough',
} as const;

function actOf(connection: Connection): Act {
  return { database: connection.database, actor: 'ai-core tiers', announce: () => announceChange(connection, 'request-types') };
}

function describeQuality(quality: { readonly estimate: number; readonly low: number; readonly high: number } | null): string {
  return quality === null ? 'not measured' : `${quality.estimate.toFixed(2)} (${quality.low.toFixed(2)} to ${quality.high.toFixed(2)})`;
}

function describeLine(line: TierProposalLine): string[] {
  const { proposal } = line;
  const cells = [line.requestType, line.tier, `${line.now.provider}/${line.now.model}`, describeQuality(line.now.quality)];
  if (proposal !== null)
    return [
      ...cells,
      `${proposal.tier}: ${proposal.provider}/${proposal.model}, ${describeQuality(proposal.quality)}`,
      formatUsd(BigInt(proposal.monthlySavingNanoUsd)),
    ];
  const reasons = line.judged.flatMap(({ tier, refusal }) => (refusal === null ? [] : [`${tier}: ${WORDS[refusal]}`]));
  return [...cells, reasons.join('; ') || 'it is the cheapest', ''];
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list', { isDefault: true })
    .description('every request type of the last 30 days, and which cheaper tier would do')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const { database, simulated } = await connect();
        const proposals = await listTierProposals(database, simulated);
        const choices = await listTierChoices(database, simulated);
        output.result(
          { proposals, choices },
          proposals.length === 0
            ? ['nothing was paid for in the last 30 days, as far as it is rolled up']
            : formatTable(['type', 'tier', 'model now', 'quality', 'proposed', 'saves a month'], proposals.map(describeLine)),
        );
      }),
    );
}

const ACTS = {
  apply: { act: applyTierProposal, about: 'take the proposal: requests of the type ask for the cheaper tier from now on' },
  undo: { act: undoTierChoice, about: 'take the last proposal that was applied back' },
} as const;

function declareAct(command: Command, run: RunVerb, name: keyof typeof ACTS): void {
  const { act, about } = ACTS[name];
  command
    .command(name)
    .description(about)
    .argument('<type>', 'request type')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, output, connect }) => {
        const requestType = args[0] ?? '';
        if (requestType === '') throw new AiCoreError('REQUEST_INVALID', 'name the request type');
        const connection = await connect();
        const choice = await act(actOf(connection), { requestType, simulated: connection.simulated });
        const [tier, model] = name === 'apply' ? [choice.toTier, choice.to] : [choice.fromTier, choice.from];
        output.result(choice, [`${requestType} asks for the tier ${tier} now (${model.provider}/${model.model})`]);
      }),
    );
}

/** Cheaper by learning: the cheapest tier of each request type whose measured quality is good enough. */
export const tiers: Verb = {
  declare: (program, run) => {
    const command = program.command('tiers').description('which request types could be answered by a cheaper tier, by what was measured');
    declareList(command, run);
    declareAct(command, run, 'apply');
    declareAct(command, run, 'undo');
    return command;
  },
};
