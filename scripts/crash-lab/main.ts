/** npm run crash-lab -- [--seed N] [--short|--long] [--keep] [--json]: kills everything that can be killed, then counts what was lost. */
import { parseArgs } from 'node:util';
import { findRedisProgram, installRedis } from '@ai-core/embedded';
import { FINDINGS } from './finding.ts';
import { PROFILES } from './profile.ts';
import { bigintAsText, toJson, toSummary } from './report.ts';
import { runLab } from './run-lab.ts';

const COUNTS = Object.entries(FINDINGS).map(([kind, meaning]) => `  ${kind.padEnd(24)}${meaning}`);
const HELP = `npm run crash-lab -- [--seed N] [--short|--long] [--keep] [--json]

Runs AI Core on services of its own under load while workers, Redis and Postgres are killed, frozen and emptied, networks are cut, dark
and slow, providers ill, clocks wrong and disks full, lets everything drain, settles calls of unknown outcome from the provider's bill, and checks that no request was lost, answered wrongly or paid for
without being accounted for.

  --seed N   the same seed makes the same requests and the same acts at the same times; default 1
  --short    about two minutes (default)
  --long     about ten minutes: 10,000 requests, 128 killed workers, and what needs root or libfaketime where they are there
  --keep     keeps the folder of the run (Postgres data, bill, logs, evidence), as is always done when something is wrong
  --json     one line of JSON on stdout instead of a summary; progress is on stderr either way

What is counted, each wrong when it is not 0:
${COUNTS.join('\n')}
extra_calls are calls beyond the one each prompt needs: the price of kills and pauses, no fault as long as each is in the ledger.

Exit code 0: nothing wrong; 1: something is, with the evidence on stderr; 2: wrong usage.
`;
const EXIT_USAGE = 2;
/** More than everything before the load and after the drain takes on a busy machine. */
const SETUP_AND_CHECK_MS = 300_000;
/** Findings shown of each run; one bug often shows in many requests. */
const MOST_SHOWN = 20;

function readArguments(): { seed: number; long: boolean; keep: boolean; json: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        short: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error(`--seed must be a whole number of at most nine digits, not "${values.seed}"`);
    if (values.short && values.long) throw new Error('--short and --long exclude each other');
    return { seed: Number(values.seed), long: values.long, keep: values.keep, json: values.json };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exit(EXIT_USAGE);
  }
}

const { seed, long, keep, json } = readArguments();
const start = performance.now();
const tell = (line: string): void =>
  void process.stderr.write(`${((performance.now() - start) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const profile = long ? PROFILES.long : PROFILES.short;
setTimeout(
  () => {
    tell('the run does not come to an end: giving up');
    process.exit(1);
  },
  profile.loadMs + profile.drainMs + SETUP_AND_CHECK_MS,
).unref();
// Where nothing can be installed, the lab's own start says what to do.
if (findRedisProgram() === undefined) installRedis();
const report = await runLab({ seed, profile, keep, tell });
for (const finding of report.findings.slice(0, MOST_SHOWN)) {
  tell(`${finding.kind} ${JSON.stringify(finding.evidence, bigintAsText)}`);
}
if (report.findings.length > MOST_SHOWN) tell(`and ${report.findings.length - MOST_SHOWN} more findings`);
if (report.evidenceFolder !== null) tell(`everything of this run is in ${report.evidenceFolder}`);
process.stdout.write(`${json ? toJson(report) : toSummary(report)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);
