import { TIERS } from '@ai-core/core';
import { listRequestTypes, setRequestType, type RequestType } from '@ai-core/store';
import type { Command } from 'commander';
import { announceChange } from '../announce-change.ts';
import { formatTable } from '../output.ts';
import { parseChoice, parseNumber } from '../parse-option.ts';
import type { RunVerb, Verb } from '../verb.ts';

const BUILT_IN = '-';

function toRow({ requestType, tier, qualityFloor, expiresAfterDays, staleForS }: RequestType): string[] {
  return [requestType, ...[tier, qualityFloor, expiresAfterDays, staleForS].map((value) => String(value ?? BUILT_IN))];
}

/** What was given, `usual` meaning the built-in value. @returns undefined where nothing was given */
function orUsual<Value>(text: unknown, parse: (text: unknown) => Value | undefined): Value | null | undefined {
  return text === 'usual' ? null : parse(text);
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list', { isDefault: true })
    .description('the request types that something is set for')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const types = await listRequestTypes((await connect()).database);
        output.result(
          { request_types: types },
          types.length === 0
            ? ['nothing is set; every type has its built-in values']
            : formatTable(['type', 'tier', 'quality floor', 'expires after days', 'given out stale for s'], types.map(toRow)),
        );
      }),
    );
}

function declareSet(command: Command, run: RunVerb): void {
  command
    .command('set')
    .description('set what holds for all requests of a type; `usual` takes a setting back')
    .argument('<type>', 'request type')
    .option('--tier <tier>', TIERS.join(', '))
    .option('--quality-floor <score>', 'least quality of a model that may answer, 0 to 1')
    .option('--expires-after-days <n>', 'remembered answers are bought anew after so many days')
    .option('--stale-for-s <n>', 'for so many seconds after that they are still given out, while one new answer is bought behind them')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, options, output, connect }) => {
        const settings = {
          tier: orUsual(options['tier'], (text) => parseChoice(text, '--tier', TIERS)),
          qualityFloor: orUsual(options['qualityFloor'], (text) => parseNumber(text, '--quality-floor', { from: 0, to: 1 })),
          expiresAfterDays: orUsual(options['expiresAfterDays'], (text) =>
            parseNumber(text, '--expires-after-days', { from: 1, to: 36_500, whole: true }),
          ),
          staleForS: orUsual(options['staleForS'], (text) => parseNumber(text, '--stale-for-s', { from: 1, to: 31_536_000, whole: true })),
        };
        const connection = await connect();
        const act = {
          database: connection.database,
          actor: 'ai-core request-types',
          announce: () => announceChange(connection, 'request-types'),
        };
        const after = await setRequestType(act, args[0] ?? '', settings);
        output.result(after, [toRow(after).join('  ')]);
      }),
    );
}

/** Tier, quality and expiry of request types. */
export const requestTypes: Verb = {
  declare: (program, run) => {
    const command = program.command('request-types').description('what holds for all requests of a type: tier, quality floor, expiry');
    declareList(command, run);
    declareSet(command, run);
    return command;
  },
};
