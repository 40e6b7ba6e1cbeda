/** Cheap looks at whether something that people watch has changed, and at what has waited longest. */
import type { Database, Statement } from './database.ts';

/** Each changes when something of its kind changes; equal marks may hide a change of something old. */
export interface LiveMarks {
  readonly jobs: string;
  readonly trainingRuns: string;
}

export interface OldestWaiting {
  readonly queue: string;
  readonly waiting: number;
  /** Age of the job that has waited longest, in milliseconds. */
  readonly oldestMs: number;
}

const MARKS: Statement = {
  name: 'live_marks',
  text: `select
      (select md5(coalesce(string_agg(concat(id, state, attempts, xmin), ',' order by created_at, id), ''))
        from (select id, state, attempts, xmin::text, created_at from ai_job order by created_at desc limit 100) j) as jobs,
      (select md5(coalesce(string_agg(concat(id, xmin), ',' order by created_at, id), ''))
        from (select id, xmin::text, created_at from ai_model_training_run order by created_at desc limit 50) r) ||
      (select md5(coalesce(string_agg(concat(id, xmin), ',' order by created_at, id), ''))
        from (select id, xmin::text, created_at from ai_evaluation order by created_at desc limit 20) e) as training_runs`,
};

const OLDEST: Statement = {
  name: 'oldest_waiting',
  text: `select queue, count(*)::integer as waiting, greatest(0, extract(epoch from clock_timestamp() - min(created_at)) * 1000)::float8 as oldest_ms
    from ai_job where state = 'queued' group by queue order by queue`,
};

/** Marks of the 100 newest jobs, and of the 50 newest training runs with the 20 newest evaluations. */
export async function readLiveMarks(database: Database): Promise<LiveMarks> {
  const [row] = await database.query<{ jobs: string; training_runs: string }>(MARKS);
  return { jobs: row?.jobs ?? '', trainingRuns: row?.training_runs ?? '' };
}

/** What waits in the ledger, by queue: also what the queue itself does not hold yet. */
export async function listOldestWaiting(database: Database): Promise<OldestWaiting[]> {
  const rows = await database.query<{ queue: string; waiting: number; oldest_ms: number }>(OLDEST);
  return rows.map(({ queue, waiting, oldest_ms: oldestMs }) => ({ queue, waiting, oldestMs: Math.round(oldestMs) }));
}
