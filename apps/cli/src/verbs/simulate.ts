import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { parseNumber } from '../parse-option.ts';
import { describeSavings, MONTH_HELP, toDocument } from '../savings/describe-savings.ts';
import { simulateSavings } from '../savings/simulate-savings.ts';
import type { RunVerb, Verb } from '../verb.ts';

/** One line on a terminal that is written over, at most so often. */
const PROGRESS_EVERY = 100;

function showProgress(scenario: string, answered: number, total: number): void {
  if (!process.stderr.isTTY || (answered % PROGRESS_EVERY !== 0 && answered !== total)) return;
  process.stderr.write(`\r${scenario}: ${answered} of ${total} requests${answered === total ? '\n' : ''}`);
}

function declareSavings(command: Command, run: RunVerb): void {
  command
    .command('savings')
    .description(
      'a month through the real system against emulated providers with real prices: without memory, with it, with an own model, with batches',
    )
    .option('--requests <n>', 'how many requests the month has', '10000')
    .option('--seed <n>', 'the same seed is the same month', '1')
    .option('--distinct-share <share>', 'of the requests, those that are new, up to 1; default: what the law of the month gives')
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\n${MONTH_HELP}`)
    .action(
      run(async ({ options, output }) => {
        const requests = parseNumber(options['requests'], '--requests', { from: 10, to: 1_000_000, whole: true }) ?? 0;
        const seed = parseNumber(options['seed'], '--seed', { from: 0, to: Number.MAX_SAFE_INTEGER, whole: true }) ?? 0;
        const distinctShare = parseNumber(options['distinctShare'], '--distinct-share', { from: 0.001, to: 1 }) ?? null;
        const savings = await simulateSavings({
          requests,
          seed,
          distinctShare,
          onProgress: (scenario, answered) => showProgress(scenario, answered, requests),
        });
        output.result(toDocument(savings, seed), describeSavings(savings));
        return savings.faults.length === 0 ? EXIT.ok : EXIT.failed;
      }),
    );
}

export const simulate: Verb = {
  declare(program, run) {
    const command = program.command('simulate').description('what AI Core would save, shown without a key and without real money');
    declareSavings(command, run);
    return command;
  },
};
