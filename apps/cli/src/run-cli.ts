import { Command, CommanderError } from 'commander';
import type { Environment } from '@ai-core/runtime';
import manifest from '../package.json' with { type: 'json' };
import { connect } from './connect.ts';
import { EXIT } from './exit-codes.ts';
import { createOutput, reportFailure } from './output.ts';
import type { Connection, RunVerb, Verb } from './verb.ts';
import { budget } from './verbs/budget.ts';
import { contexts } from './verbs/contexts.ts';
import { categories } from './verbs/categories.ts';
import { doctor } from './verbs/doctor.ts';
import { experiment } from './verbs/experiment.ts';
import { exportTraining } from './verbs/export-training.ts';
import { deploy, evaluate, rollback } from './verbs/own-models.ts';
import { train } from './verbs/train.ts';
import { generate } from './verbs/generate.ts';
import { job, jobs } from './verbs/jobs.ts';
import { keys } from './verbs/keys.ts';
import { memory } from './verbs/memory.ts';
import { migrateDatabase } from './verbs/migrate.ts';
import { prices } from './verbs/prices.ts';
import { providers } from './verbs/providers.ts';
import { receipt } from './verbs/receipt.ts';
import { reconcile } from './verbs/reconcile.ts';
import { cancelJob, retryJob } from './verbs/redrive.ts';
import { reprice } from './verbs/reprice.ts';
import { requestTypes } from './verbs/request-types.ts';
import { rollup } from './verbs/rollup.ts';
import { setupProviders } from './verbs/setup-providers.ts';
import { simulate } from './verbs/simulate.ts';
import { tiers } from './verbs/tiers.ts';
import { up } from './verbs/up.ts';
import { usage } from './verbs/usage.ts';
import { warm } from './verbs/warm.ts';

/** Every verb, in the order of the help. */
const VERBS: readonly Verb[] = [
  up,
  migrateDatabase,
  setupProviders,
  providers,
  prices,
  generate,
  warm,
  job,
  jobs,
  retryJob,
  cancelJob,
  receipt,
  usage,
  memory,
  exportTraining,
  train,
  evaluate,
  deploy,
  rollback,
  experiment,
  tiers,
  requestTypes,
  rollup,
  keys,
  categories,
  budget,
  reprice,
  reconcile,
  contexts,
  simulate,
  doctor,
];

export interface CliSettings {
  readonly environment: Environment;
  readonly dataFolder: string;
}

/**
 * Runs one command line.
 * @param argv without node and script
 * @returns the exit code: 0 ok, 1 failed, 2 wrong usage, 69 a needed service is unreachable
 */
export async function runCli(argv: readonly string[], settings: CliSettings): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('ai-core')
    .description('One AI entry point: remembered answers, the cheapest good model, exact costs.')
    .showHelpAfterError('(--help shows how)')
    .version(manifest.version, '--version', 'print the version')
    .exitOverride();

  const run: RunVerb =
    (work) =>
    async (...input) => {
      // Commander hands over the arguments, then the options, then the command itself.
      const command = input.at(-1) as Command;
      const options = command.opts();
      const output = createOutput(options['json'] === true);
      let connection: Promise<Connection> | undefined;
      try {
        const result = await work({
          args: command.args,
          options,
          output,
          environment: settings.environment,
          dataFolder: settings.dataFolder,
          connect: () => (connection ??= connect(settings.environment, settings.dataFolder)),
        });
        code = result ?? EXIT.ok;
      } catch (error) {
        code = reportFailure(output, error, `${nameOf(command)} --help`);
      } finally {
        await connection?.then(({ database }) => database.close()).catch(() => undefined);
      }
    };
  for (const verb of VERBS) inherit(verb.declare(program, run));

  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    // Commander has told it on stderr; a program that reads stdout is told as by every other failure.
    if (argv.includes('--json')) createOutput(true).result({ error: toUsageError(error) });
    return EXIT.usage;
  }
  return code;
}

/** The words that lead to a command, `ai-core` first. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function toUsageError(error: CommanderError): object {
  const message = error.code === 'commander.help' ? 'the command line names no verb' : error.message.replace(/^error: /, '');
  return { code: 'REQUEST_INVALID', message, advice: '--help shows how' };
}

/** A verb and its sub-verbs report wrong usage to runCli instead of ending the process. */
function inherit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) inherit(child);
}
