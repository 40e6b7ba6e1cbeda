import { AiCoreError, TIERS } from '@ai-core/core';
import { deployModel, evaluateModel, findIncumbent, type Evaluation } from '@ai-core/flywheel';
import { createAiCore } from '@ai-core/producer';
import { CHANGES_TOPIC, openQueue } from '@ai-core/queue';
import { findTrainingRun, markModelAnswersStale, rollBackOwnModel } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { formatTable } from '../output.ts';
import { parseModel } from '../parse-model.ts';
import type { Connection, Verb } from '../verb.ts';

const BY = 'cli';

/** Every process hears of it at once instead of within seconds. */
async function announce({ databaseUrl, redisUrl }: Connection): Promise<void> {
  const queue = await openQueue({ databaseUrl, redisUrl, onError: () => undefined });
  await queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'own-model' }]).catch(() => undefined);
  await queue.close();
}

function describe({ gate, reasons, report }: Evaluation): string[] {
  const share = ({ estimate, low, high }: { estimate: number; low: number; high: number }): string =>
    `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  const row = (name: string, figures: Evaluation['report']['candidate']): string[] => [
    name,
    String(figures.answered),
    String(figures.failed),
    share(figures.checkRate),
    `${figures.p95LatencyMs} ms`,
  ];
  return [
    ...formatTable(
      ['model', 'answered', 'failed', 'passes checks', 'p95 latency'],
      [row('candidate', report.candidate), row('other', report.against)],
    ),
    '',
    `preferred     ${share(report.preference)} of ${report.items} comparisons; 0.5 is as good`,
    `gate          ${gate}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`,
  ];
}

export const evaluate: Verb = {
  declare: (program, run) =>
    program
      .command('evaluate')
      .description('compare a trained model with another one on examples it has not seen and on recent prompts, and let the gate decide')
      .argument('<version>', 'model version')
      .option('--against <model>', 'PROVIDER/MODEL; default: the cheapest other model')
      .option('--judge <model>', 'PROVIDER/MODEL of the judge; default: the best there is')
      .option('--validation <n>', 'most validation examples', '200')
      .option('--recent <n>', 'most recent prompts', '100')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const version = args[0] ?? '';
          const [against, judge] = [parseModel(options['against'], '--against'), parseModel(options['judge'], '--judge')];
          const connection = await connect();
          const { database, databaseUrl, redisUrl, simulated, sealKey } = connection;
          if ((await findTrainingRun(database, version)) === null)
            throw new AiCoreError('NOT_FOUND', `no training run has made the version ${version}`);
          const aiCore = await createAiCore({ databaseUrl, redisUrl, simulated, sealKey, caller: 'cli' });
          try {
            const evaluation = await evaluateModel({
              database,
              aiCore,
              version,
              against: against ?? (await findIncumbent(database, version)),
              judge,
              simulated,
              requestedBy: BY,
              validation: Number(options['validation']),
              recent: Number(options['recent']),
              onProgress: (done, of) => output.note(`${done} of ${of}`),
            });
            output.result({ version, ...evaluation }, describe(evaluation));
            return evaluation.gate === 'passed' ? EXIT.ok : EXIT.failed;
          } finally {
            await aiCore.close();
          }
        }),
      ),
};

export const deploy: Verb = {
  declare: (program, run) =>
    program
      .command('deploy')
      .description('give a model that has passed its gate a share of the traffic; it gets more, or goes back, by itself')
      .argument('<version>', 'model version')
      .option('--share <percent>', 'share of the traffic to begin with, 1 to 100', '10')
      .option('--tier <tier>', TIERS.join(', '), 'cheap')
      .option('--force', 'although the gate has not let it through')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const version = args[0] ?? '';
          const tier = TIERS.find((name) => name === options['tier']);
          if (tier === undefined) throw new AiCoreError('REQUEST_INVALID', `--tier takes ${TIERS.join(', ')}`);
          const connection = await connect();
          const { previous, share } = await deployModel(connection.database, {
            version,
            share: Number(options['share']),
            tier,
            force: options['force'] === true,
            by: BY,
          });
          await announce(connection);
          output.result({ version, share, tier, previous }, [
            `local_small_model/${version} takes ${share} % of the ${tier} tier${previous === null ? '' : `; ${previous} keeps the rest until it is proven`}`,
          ]);
        }),
      ),
};

export const rollback: Verb = {
  declare: (program, run) =>
    program
      .command('rollback')
      .description('take the own model out of service; the one before it serves again')
      .option('--because <reason>', 'why, for the record', 'an operator said so')
      .option('--mark-stale', 'its answers are not served from memory any more, but for verified ones')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const connection = await connect();
          const { database, simulated } = connection;
          const { version, now } = await rollBackOwnModel(database, { simulated, because: String(options['because']), by: BY });
          const stale = options['markStale'] === true ? await markModelAnswersStale(database, version) : 0;
          await announce(connection);
          output.result({ version, now, stale }, [
            `${version} is out of service; ${now === null ? 'models of others serve' : `${now} serves again`}${stale > 0 ? `; ${stale} of its answers are stale` : ''}`,
          ]);
        }),
      ),
};
