import { AiCoreError } from '@ai-core/core';
import { startTraining } from '@ai-core/flywheel';
import { findTrainingRun, TRAINING_PROVIDERS, type Database, type TrainingProvider, type TrainingRun } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { formatUsd } from '../format-usd.ts';
import { openCliObjects } from '../open-objects.ts';
import type { Output } from '../output.ts';
import type { Verb } from '../verb.ts';

const LOOK_EVERY_MS = 1_000;

function parseProvider(value: unknown): TrainingProvider {
  const provider = TRAINING_PROVIDERS.find((name) => name === value);
  if (provider === undefined) throw new AiCoreError('REQUEST_INVALID', `--provider takes ${TRAINING_PROVIDERS.join(', ')}`);
  return provider;
}

/** Tells what happens until the run has ended. The run goes on whoever watches. */
async function follow(database: Database, version: string, output: Output): Promise<TrainingRun> {
  for (let told = 0; ; await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))) {
    const run = await findTrainingRun(database, version);
    if (run === null) throw new AiCoreError('NOT_FOUND', `the training run of ${version} has gone`);
    for (const { at, message } of run.events.slice(told)) output.note(`${at}  ${message}`);
    told = run.events.length;
    if (run.phase === 'finished') return run;
  }
}

function describe(run: TrainingRun): string[] {
  const figure = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(4));
  return [
    `${run.model_version}   ${run.status}${run.error === null ? '' : `: ${run.error}`}`,
    `examples      ${run.training_size} for training, ${run.validation_size} for validation`,
    `loss          ${figure(run.training_loss)} in training, ${figure(run.validation_loss)} in validation`,
    `accuracy      ${figure(run.validation_accuracy)}`,
    `cost          ${formatUsd(run.training_cost_nano_usd === null ? null : BigInt(run.training_cost_nano_usd))}`,
    `duration      ${run.training_duration_minutes === null ? 'unknown' : `${Number(run.training_duration_minutes).toFixed(1)} minutes`}`,
  ];
}

export const train: Verb = {
  declare: (program, run) =>
    program
      .command('train')
      .description('train a model with exported examples; a worker does the work, this command follows it')
      .requiredOption('--base-model <name>', 'the model to begin with')
      .requiredOption('--data-file <file>', 'examples of export-training, as openai-chat or prompt-completion (vertex: gemini)')
      .option('--validation-file <file>', "validation examples; default: those of the export, else a stable part of the data file's")
      .option('--validation-share <n>', 'how large that part is, 0 to 1', '0.1')
      .requiredOption('--batch-id <id>', 'name of this training, used once')
      .requiredOption('--model-version <version>', 'name of the model that comes of it, used once')
      .option('--provider <name>', TRAINING_PROVIDERS.join(', '), 'openai')
      .option('--no-wait', 'return as soon as the run is written down')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, environment, dataFolder, connect }) => {
          const validationShare = Number(options['validationShare']);
          if (!(validationShare >= 0 && validationShare < 1))
            throw new AiCoreError('REQUEST_INVALID', '--validation-share takes a number from 0 up to 1');
          const provider = parseProvider(options['provider']);
          const { database, simulated } = await connect();
          const objects = openCliObjects(environment, dataFolder);
          if (objects === undefined)
            throw new AiCoreError('STORE_UNAVAILABLE', 'training data goes through the object store, and S3_ENDPOINT is not set');
          const version = String(options['modelVersion']);
          const started = await startTraining({
            database,
            objects,
            dataFile: String(options['dataFile']),
            validationFile: typeof options['validationFile'] === 'string' ? options['validationFile'] : null,
            validationShare,
            batchId: String(options['batchId']),
            version,
            baseModel: String(options['baseModel']),
            provider,
            simulated,
            requestedBy: 'cli',
          }).finally(() => objects.close());
          const ended = options['wait'] === false ? started : await follow(database, version, output);
          output.result({ ...ended, fence: undefined, submitting_for_ms: undefined }, describe(ended));
          if (ended.status === 'completed') output.note(`next: ai-core evaluate ${version}`);
          return ended.status === 'failed' ? EXIT.failed : EXIT.ok;
        }),
      ),
};
