import { mkdir, rename } from 'node:fs/promises';
import { createWriteStream, existsSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AiCoreError } from '@ai-core/core';
import {
  claimTrainingRun,
  TRAINING_PROVIDERS,
  writeTrainingStep,
  type Database,
  type Objects,
  type TrainingChanges,
  type TrainingEvent,
  type TrainingPhase,
  type TrainingProvider,
  type TrainingRun,
} from '@ai-core/store';
import { registerModel } from './register-model.ts';
import { TrainingRefused, type Trainer, type TrainingOrder, type TrainingProgress } from './trainer.ts';

export interface TrainingContext {
  readonly database: Database;
  readonly objects: Objects;
  readonly trainers: Readonly<Partial<Record<TrainingProvider, Trainer>>>;
  readonly workerId: string;
  readonly host: string;
  /** Data and output of runs; stays over restarts. */
  readonly folder: string;
  /** Between two looks at a job under way, in milliseconds; default: by the age of the job, 2,000 to 60,000. */
  readonly pollEveryMs?: number | undefined;
  /**
   * How long after a submission whose outcome nobody knows the provider's list is believed to be complete, in milliseconds; default 120,000.
   */
  readonly submitGraceMs?: number | undefined;
  /** How long a process that has gone silent keeps a run, in seconds; default 900. */
  readonly leaseS?: number | undefined;
}

/** A young job is looked at often, an old one seldom: a twentieth of its age, within these. */
const POLL_WITHIN_MS = { least: 2_000, most: 60_000 } as const;
const SUBMIT_GRACE_MS = 120_000;
const LEASE_S = 900;
const MAX_FAILURES = 20;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 10 * 60_000;

/** Another process has the run now. */
class TakenOver extends Error {}

interface Step {
  readonly context: TrainingContext;
  readonly run: TrainingRun;
  readonly trainer: Trainer;
  readonly order: TrainingOrder;
}

async function write({ context, run }: Pick<Step, 'context' | 'run'>, changes: TrainingChanges, releaseForMs?: number): Promise<void> {
  if (!(await writeTrainingStep(context.database, { run, changes, releaseForMs })))
    throw new TakenOver('another process has taken the run over');
}

function event(message: string): TrainingEvent[] {
  return [{ at: new Date().toISOString(), message }];
}

async function fetchObject(objects: Objects, key: string, file: string): Promise<string> {
  if (existsSync(file)) return file;
  const found = await objects.get(key);
  if (found === undefined) throw new TrainingRefused(`the training data ${key} is not in the object store`);
  await mkdir(path.dirname(file), { recursive: true });
  await pipeline(found.stream, createWriteStream(`${file}.part`));
  await rename(`${file}.part`, file);
  return file;
}

async function orderOf({ objects, folder }: TrainingContext, run: TrainingRun): Promise<TrainingOrder> {
  const own = path.join(folder, run.id);
  const file = (name: string): string => path.join(own, name);
  return {
    runId: run.id,
    batchId: run.training_batch_id,
    version: run.model_version,
    baseModel: run.base_model,
    trainingPath: await fetchObject(objects, run.training_file, file('train.jsonl')),
    validationPath: run.validation_file === null ? null : await fetchObject(objects, run.validation_file, file('validation.jsonl')),
    outputFolder: file('output'),
    hyperparameters: run.hyperparameters,
  };
}

/** A submission is written down before it is made. */
async function submitNow({ context, run, trainer, order }: Step, files: TrainingRun['provider_files']): Promise<void> {
  await write(
    { context, run },
    { phase: 'submitting', provider_files: files, events: event('the data is uploaded; the job is being made') },
  );
  const jobId = await trainer.submit(order, files);
  await write({ context, run }, { phase: 'polling', provider_job_id: jobId, events: event(`job ${jobId} is made`) }, 0);
}

async function upload(step: Step): Promise<void> {
  const { context, trainer, order } = step;
  await write(step, { phase: 'uploading', status: 'training', ...(trainer.onThisHost ? { host: context.host } : {}) });
  await submitNow(step, await trainer.upload(order));
}

/**
 * Somebody wrote a submission down and did not come back. Whether it was made is not known: the provider's jobs are asked for ours, and only
 * when there is none after a time longer than any call takes, it is made now.
 */
async function settleSubmission(step: Step): Promise<void> {
  const { context, run, trainer, order } = step;
  const found = await trainer.find(order);
  if (found !== null) {
    await write(step, { phase: 'polling', provider_job_id: found, events: event(`job ${found} was found again`) }, 0);
    return;
  }
  const waitMs = (context.submitGraceMs ?? SUBMIT_GRACE_MS) - (run.submitting_for_ms ?? 0);
  if (waitMs > 0) await write(step, {}, waitMs);
  else await submitNow(step, run.provider_files);
}

async function finish(step: Step, progress: TrainingProgress): Promise<void> {
  const { context, run } = step;
  const { metrics, served } = progress;
  if (progress.state === 'failed') {
    await write(
      step,
      { phase: 'finished', status: 'failed', error: progress.error ?? 'the trainer does not say why', events: [...progress.events] },
      0,
    );
    return;
  }
  // Before the run is called complete: whoever sees it complete can ask the model.
  await registerModel(context.database, {
    version: run.model_version,
    served: served === null || (served.provider === 'local_small_model' && served.model === run.model_version) ? null : served,
    baseModel: run.base_model,
  });
  await write(
    step,
    {
      phase: 'finished',
      status: 'completed',
      served_provider: served?.provider ?? 'local_small_model',
      served_model: served?.model ?? run.model_version,
      trained_tokens: metrics?.trainedTokens ?? undefined,
      training_cost_nano_usd: metrics?.costNanoUsd == null ? undefined : String(metrics.costNanoUsd),
      training_duration_minutes: metrics?.durationMinutes ?? undefined,
      training_loss: metrics?.trainingLoss ?? undefined,
      validation_loss: metrics?.validationLoss ?? undefined,
      validation_accuracy: metrics?.validationAccuracy ?? undefined,
      curve: metrics === null ? undefined : [...metrics.curve],
      events: [...progress.events],
    },
    0,
  );
}

function pollAfterMs({ submitting_for_ms: ageMs }: TrainingRun): number {
  return Math.min(POLL_WITHIN_MS.most, Math.max(POLL_WITHIN_MS.least, (ageMs ?? 0) / 20));
}

async function poll(step: Step): Promise<void> {
  const { context, run, trainer, order } = step;
  const progress = await trainer.poll(run.provider_job_id ?? '', order);
  if (progress.state === 'running') await write(step, { failures: 0 }, context.pollEveryMs ?? pollAfterMs(run));
  else await finish(step, progress);
}

const STEPS: Readonly<Record<TrainingPhase, (step: Step) => Promise<void>>> = {
  created: upload,
  uploading: upload,
  submitting: settleSubmission,
  polling: poll,
  finished: () => Promise.resolve(),
};

/** What went wrong may go right later, unless the provider has refused for good or it went wrong too often. */
async function failStep(step: Pick<Step, 'context' | 'run'>, error: unknown): Promise<void> {
  const { run } = step;
  const message = error instanceof TrainingRefused ? error.message : AiCoreError.from(error).message;
  const failures = run.failures + 1;
  if (error instanceof TrainingRefused || failures >= MAX_FAILURES) {
    await write(step, { phase: 'finished', status: 'failed', failures, error: message, events: event(message) }, 0);
    return;
  }
  await write(step, { failures, events: event(message) }, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)));
}

/**
 * Takes one training run that has something due one step further: upload and submit, settle a submission nobody knows the outcome of,
 * or look how far the job is. Any number of processes may call it at any time; a run is in one hand at a time.
 * @returns the run as it was before the step; null when nothing is due
 */
export async function advanceTraining(context: TrainingContext): Promise<TrainingRun | null> {
  const { database, trainers, workerId, host } = context;
  const providers = TRAINING_PROVIDERS.filter((provider) => trainers[provider] !== undefined);
  const run = await claimTrainingRun(database, { workerId, host, leaseS: context.leaseS ?? LEASE_S, providers });
  if (run === null) return null;
  const trainer = trainers[run.training_provider];
  if (trainer === undefined) return null;
  try {
    await STEPS[run.phase]({ context, run, trainer, order: await orderOf(context, run) });
  } catch (error) {
    if (!(error instanceof TakenOver)) await failStep({ context, run }, error);
  }
  return run;
}
