import type { Database, Statement } from './database.ts';

export const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled', 'parked', 'batched'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A job as operators see it: never the prompt. Money as decimal strings of nano-USD. */
export interface JobSummary {
  readonly id: string;
  readonly kind: string;
  readonly requestType: string;
  readonly state: JobState;
  readonly provider: string;
  readonly model: string;
  readonly queue: string;
  readonly caller: string;
  readonly simulated: boolean;
  readonly attempts: number;
  readonly crashCount: number;
  readonly lane: string;
  readonly priority: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: string;
  readonly runAfter: string;
  readonly finishedAt: string | null;
}

export interface AttemptSummary {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly state: string;
  readonly maxCostNanoUsd: string | null;
  readonly costNanoUsd: string | null;
  readonly providerRequestId: string | null;
  readonly errorCode: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** The batch a job is in. */
export interface JobBatch {
  readonly id: string;
  readonly state: 'submitting' | 'running' | 'done';
  readonly requests: number;
  readonly providerBatchId: string | null;
  readonly submittedAt: string | null;
}

export interface JobDetail extends JobSummary {
  readonly promptHash: string;
  readonly scope: string;
  readonly generation: string;
  readonly fence: string;
  readonly workerId: string | null;
  readonly memoryId: string | null;
  readonly candidates: readonly { readonly provider: string; readonly model: string }[];
  readonly callers: number;
  /** What a job in the batch lane waits for; null = it is in none, or is still collected. `runAfter` says when it is called on its own. */
  readonly batch: JobBatch | null;
  readonly history: readonly AttemptSummary[];
}

const SUMMARY = `jsonb_build_object('id', j.id, 'kind', j.kind, 'requestType', j.request_type, 'state', j.state, 'provider', j.provider,
  'model', j.model, 'queue', j.queue, 'caller', j.caller, 'simulated', j.simulated, 'attempts', j.attempts, 'crashCount', j.crash_count,
  'lane', j.lane, 'priority', j.priority, 'errorCode', j.error_code, 'errorMessage', j.error_message, 'createdAt', j.created_at,
  'runAfter', j.run_after, 'finishedAt', j.finished_at)`;

const LIST: Statement = {
  name: 'jobs_list',
  text: `select ${SUMMARY} as job from ai_job j where ($1::text is null or j.state = $1) order by j.created_at desc limit $2`,
};

const SHOW: Statement = {
  name: 'jobs_show',
  text: `select ${SUMMARY} || jsonb_build_object('promptHash', j.prompt_hash, 'scope', j.scope, 'generation', j.generation::text,
      'fence', j.fence::text, 'workerId', j.worker_id, 'memoryId', j.memory_id, 'candidates', j.candidates,
      'callers', (select count(*) from ai_job_caller c where c.job_id = j.id),
      'batch', (select jsonb_build_object('id', b.id, 'state', b.state, 'requests', b.requests, 'providerBatchId', b.provider_batch_id,
        'submittedAt', b.submitted_at) from ai_batch b where b.id = j.batch_id),
      'history', coalesce((select jsonb_agg(jsonb_build_object('id', a.id, 'provider', a.provider, 'model', coalesce(a.billed_model, a.model),
        'state', a.state, 'maxCostNanoUsd', a.max_cost_nano_usd::text, 'costNanoUsd', a.cost_nano_usd::text,
        'providerRequestId', a.provider_request_id, 'errorCode', a.error_code, 'startedAt', a.started_at, 'finishedAt', a.finished_at)
        order by a.started_at) from ai_attempt a where a.job_id = j.id), '[]'::jsonb)) as job
    from ai_job j where j.id = $1`,
};

/** @param state null = every state */
export async function listJobs(database: Database, state: JobState | null, limit = 50): Promise<JobSummary[]> {
  const rows = await database.query<{ job: JobSummary }>(LIST, [state, limit]);
  return rows.map((row) => row.job);
}

/** @returns null when there is no such job; jobs are kept for 7 days after they finished, failed ones for 30. */
export async function showJob(database: Database, id: string): Promise<JobDetail | null> {
  const [row] = await database.query<{ job: JobDetail }>(SHOW, [id]);
  return row?.job ?? null;
}
