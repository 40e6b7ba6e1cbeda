import { AiCoreError, type Json } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

export const TRAINING_PROVIDERS = ['openai', 'vertex', 'command'] as const;
export type TrainingProvider = (typeof TRAINING_PROVIDERS)[number];
export type TrainingStatus = 'pending' | 'training' | 'completed' | 'failed' | 'deployed' | 'rolled_back';
export type TrainingPhase = 'created' | 'uploading' | 'submitting' | 'polling' | 'finished';

export interface TrainingEvent {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly message: string;
}

/** Loss and accuracy after a step of a training; null = not measured there. */
export interface TrainingPoint {
  readonly step: number;
  readonly training_loss: number | null;
  readonly validation_loss: number | null;
  /** 0 to 1. */
  readonly validation_accuracy: number | null;
}

/** One training of a model: what it was asked for, how far it is, what came of it. Money as decimal strings of nano-USD. */
export interface TrainingRun {
  readonly id: string;
  readonly training_batch_id: string;
  readonly model_version: string;
  readonly base_model: string;
  readonly training_provider: TrainingProvider;
  readonly simulated: boolean;
  readonly status: TrainingStatus;
  readonly phase: TrainingPhase;
  readonly is_active: boolean;
  readonly training_size: number;
  readonly validation_size: number;
  readonly training_file: string;
  readonly validation_file: string | null;
  readonly dataset_manifest: string | null;
  readonly dataset_sha256: string;
  readonly hyperparameters: Readonly<Record<string, Json>>;
  readonly provider_files: Readonly<Record<string, string>>;
  readonly provider_job_id: string | null;
  readonly served_provider: string | null;
  readonly served_model: string | null;
  readonly trained_tokens: number | null;
  readonly training_cost_nano_usd: string | null;
  readonly training_duration_minutes: number | null;
  readonly training_loss: number | null;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
  readonly baseline: Readonly<Record<string, Json>> | null;
  readonly events: readonly TrainingEvent[];
  readonly curve: readonly TrainingPoint[];
  readonly error: string | null;
  readonly host: string | null;
  readonly fence: string;
  readonly failures: number;
  /** Since the submission was written down, in milliseconds by the database's clock; null = it was not. */
  readonly submitting_for_ms: number | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly deployed_at: string | null;
  readonly rolled_back_at: string | null;
  readonly requested_by: string;
  readonly created_at: string;
}

const ROW = `to_jsonb(r) || jsonb_build_object('fence', r.fence::text, 'training_cost_nano_usd', r.training_cost_nano_usd::text,
  'submitting_for_ms', extract(epoch from clock_timestamp() - r.submitting_at) * 1000)`;

export interface NewTrainingRun {
  readonly batchId: string;
  readonly version: string;
  readonly baseModel: string;
  readonly provider: TrainingProvider;
  readonly simulated: boolean;
  readonly trainingSize: number;
  readonly validationSize: number;
  /** Object keys. */
  readonly trainingFile: string;
  readonly validationFile: string | null;
  readonly manifest: string | null;
  readonly datasetSha256: string;
  readonly hyperparameters?: Readonly<Record<string, Json>> | undefined;
  readonly requestedBy: string;
}

const CREATE: Statement = {
  name: 'training_run_create',
  text: `insert into ai_model_training_run as r (training_batch_id, model_version, base_model, training_provider, simulated, training_size,
      validation_size, training_file, validation_file, dataset_manifest, dataset_sha256, hyperparameters, requested_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13) on conflict do nothing returning ${ROW} as run`,
};

/**
 * Writes a run down; a worker with the maintenance role does the work.
 * @throws REQUEST_INVALID when the batch or the version has been used before
 */
export async function createTrainingRun(database: Database, run: NewTrainingRun): Promise<TrainingRun> {
  const [row] = await database.query<{ run: TrainingRun }>(CREATE, [
    run.batchId,
    run.version,
    run.baseModel,
    run.provider,
    run.simulated,
    run.trainingSize,
    run.validationSize,
    run.trainingFile,
    run.validationFile,
    run.manifest,
    run.datasetSha256,
    JSON.stringify(run.hyperparameters ?? {}),
    run.requestedBy,
  ]);
  if (row !== undefined) return row.run;
  throw new AiCoreError(
    'REQUEST_INVALID',
    `there is a training run with the batch id ${run.batchId} or the model version ${run.version} already; each is used once`,
  );
}

const SHOW: Statement = { name: 'training_run_show', text: `select ${ROW} as run from ai_model_training_run r where model_version = $1` };
const LIST: Statement = {
  name: 'training_run_list',
  text: `select ${ROW} as run from ai_model_training_run r where simulated = $1 order by created_at desc limit $2`,
};

/** @returns null when no run has made or is making this version */
export async function findTrainingRun(database: Database, version: string): Promise<TrainingRun | null> {
  const [row] = await database.query<{ run: TrainingRun }>(SHOW, [version]);
  return row?.run ?? null;
}

/** Newest first. */
export async function listTrainingRuns(database: Database, simulated: boolean, limit = 50): Promise<TrainingRun[]> {
  const rows = await database.query<{ run: TrainingRun }>(LIST, [simulated, limit]);
  return rows.map(({ run }) => run);
}

// A run of the command trainer belongs to the host its process runs on, as long as some worker lives there.
const CLAIM: Statement = {
  name: 'training_run_claim',
  text: `update ai_model_training_run r set worker_id = $1, fence = fence + 1, lease_until = clock_timestamp() + make_interval(secs => $3),
      started_at = coalesce(started_at, clock_timestamp()), updated_at = clock_timestamp()
    where id = (select c.id from ai_model_training_run c
      where c.phase <> 'finished' and c.next_step_at <= clock_timestamp() and c.training_provider = any($4)
        and (c.lease_until is null or c.lease_until < clock_timestamp()
          or exists (select from ai_worker w where w.id = c.worker_id and w.dead_at is not null))
        and (c.host is null or c.host = $2 or not exists (select from ai_worker w where w.host = c.host and w.dead_at is null
          and w.lease_until > clock_timestamp() - interval '10 minutes'))
      order by c.next_step_at for update skip locked limit 1)
    returning ${ROW} as run`,
};

export interface RunClaim {
  readonly workerId: string;
  readonly host: string;
  /** How long nobody else takes the run when this process goes silent, in seconds. */
  readonly leaseS: number;
  /** Trainers this process can work for. */
  readonly providers: readonly TrainingProvider[];
}

/** Takes the next run that has a step due. @returns null when there is none */
export async function claimTrainingRun(database: Database, claim: RunClaim): Promise<TrainingRun | null> {
  const [row] = await database.query<{ run: TrainingRun }>(CLAIM, [claim.workerId, claim.host, claim.leaseS, claim.providers]);
  return row?.run ?? null;
}

/** Columns a step may write. undefined = as it is; events are added to those there are. */
export type TrainingChanges = Partial<
  Pick<
    TrainingRun,
    | 'status'
    | 'phase'
    | 'provider_files'
    | 'provider_job_id'
    | 'served_provider'
    | 'served_model'
    | 'trained_tokens'
    | 'training_cost_nano_usd'
    | 'training_duration_minutes'
    | 'training_loss'
    | 'validation_loss'
    | 'validation_accuracy'
    | 'events'
    | 'curve'
    | 'error'
    | 'host'
    | 'failures'
  >
>;

export interface TrainingStep {
  readonly run: Pick<TrainingRun, 'id' | 'fence'>;
  readonly changes: TrainingChanges;
  /** When the next step is due, in milliseconds from now; undefined = this process goes on with the run. */
  readonly releaseForMs?: number | undefined;
}

const STEP: Statement = {
  name: 'training_run_step',
  text: `update ai_model_training_run r set
      status = coalesce(c.status, r.status), phase = coalesce(c.phase, r.phase), provider_files = coalesce(c.provider_files, r.provider_files),
      provider_job_id = coalesce(c.provider_job_id, r.provider_job_id), served_provider = coalesce(c.served_provider, r.served_provider),
      served_model = coalesce(c.served_model, r.served_model), trained_tokens = coalesce(c.trained_tokens, r.trained_tokens),
      training_cost_nano_usd = coalesce(c.training_cost_nano_usd, r.training_cost_nano_usd),
      training_duration_minutes = coalesce(c.training_duration_minutes, r.training_duration_minutes),
      training_loss = coalesce(c.training_loss, r.training_loss), validation_loss = coalesce(c.validation_loss, r.validation_loss),
      validation_accuracy = coalesce(c.validation_accuracy, r.validation_accuracy), events = r.events || coalesce(c.events, '[]'::jsonb), curve = coalesce(c.curve, r.curve),
      error = coalesce(c.error, r.error), host = coalesce(c.host, r.host), failures = coalesce(c.failures, r.failures),
      submitting_at = case when c.phase = 'submitting' then clock_timestamp() else r.submitting_at end,
      finished_at = case when c.phase = 'finished' then clock_timestamp() else r.finished_at end,
      lease_until = case when $4::double precision is null then r.lease_until end,
      next_step_at = clock_timestamp() + make_interval(secs => coalesce($4, 0) / 1000), updated_at = clock_timestamp()
    from jsonb_to_record($3::jsonb) as c (status text, phase text, provider_files jsonb, provider_job_id text, served_provider text, served_model text,
      trained_tokens bigint, training_cost_nano_usd bigint, training_duration_minutes numeric, training_loss double precision,
      validation_loss double precision, validation_accuracy double precision, events jsonb, curve jsonb, error text, host text, failures integer)
    where r.id = $1 and r.fence = $2 returning r.id`,
};

/**
 * Writes down what a step has done.
 * @returns false when another process has taken the run over: this one must do nothing more for it
 */
export async function writeTrainingStep(database: Database, { run, changes, releaseForMs }: TrainingStep): Promise<boolean> {
  const rows = await database.query(STEP, [run.id, run.fence, JSON.stringify(changes), releaseForMs ?? null]);
  return rows.length > 0;
}

const INCLUDED: Statement = {
  name: 'training_included',
  text: `update ai_training_data t set included_in_training = true, training_batch_id = $1, updated_at = clock_timestamp()
    from ai_memory m where m.id = t.memory_item and m.simulated = $2 and t.human_verified and not t.included_in_training`,
};

/** Verified examples count as used from now on: the export that a run trains with has them. */
export async function markIncluded(
  database: Database,
  { batchId, simulated }: { readonly batchId: string; readonly simulated: boolean },
): Promise<void> {
  await database.query(INCLUDED, [batchId, simulated]);
}
