import { constants } from 'node:os';
import { createVitest, parseCLI, TestsNotFoundError } from 'vitest/node';
import { countTests, type TestTotals } from './count-tests.ts';
import { leftOut } from './test-services/left-out.ts';

/**
 * npm test: the suite without the long tests. With --long: only those. Further arguments go to vitest, for example a part of a file name.
 * Ends with a line of totals, whatever happens. Exits with 1 unless at least one test passed and none failed.
 */

/** A run that was told to stop gets this long to stop its services. */
const STOP_LIMIT_MS = 10_000;
const EXIT_USAGE = 2;

function readLeftOut(): ReturnType<typeof leftOut> {
  try {
    return leftOut();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(EXIT_USAGE);
  }
}

const asked = process.argv.slice(2);
const without = readLeftOut();
const projects = asked.includes('--long') ? ['long'] : ['unit', 'integration', 'e2e', 'browser'];
const { filter, options } = parseCLI(['vitest', 'run', ...asked.filter((argument) => argument !== '--long')]);

let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;

async function run(): Promise<TestTotals> {
  const vitest = await createVitest({
    project: projects.filter((name) => name !== 'browser' || !without.includes('browser')),
    ...options,
    watch: false,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stoppedBy = signal;
      setTimeout(() => process.exit(128 + constants.signals[signal]), STOP_LIMIT_MS).unref();
      void vitest.cancelCurrentRun('keyboard-input');
    });
  }
  let startErrors = 0;
  try {
    await vitest.start(filter);
  } catch (error) {
    if (!(error instanceof TestsNotFoundError)) {
      startErrors++;
      vitest.logger.printError(error, { type: 'Error before the tests' });
    }
  }
  const outsideErrors = vitest.state.getUnhandledErrors().length + startErrors;
  const totals = countTests(vitest.state.getTestModules(), outsideErrors);
  await vitest.close();
  return totals;
}

const { passed, failed, skipped } = await run();
if (without.length > 0) process.stdout.write(`left out on purpose: ${without.join(', ')} (AI_CORE_TEST_WITHOUT)\n`);
if (passed + failed === 0) process.stdout.write('no test ran: that counts as a failure\n');
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
const succeeded = passed > 0 && failed === 0 && (process.exitCode ?? 0) === 0;
process.exit(stoppedBy === undefined ? Number(!succeeded) : 128 + constants.signals[stoppedBy]);
