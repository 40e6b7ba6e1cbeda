import type { Dispatch } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

const WORKERS: Statement = { name: 'sweep_workers', text: 'select ai_sweep_workers() as id' };
const RUNNING: Statement = { name: 'sweep_running', text: 'select ai_sweep_running($1) as dispatch' };
const OVERDUE: Statement = { name: 'list_overdue', text: 'select ai_list_overdue(make_interval(secs => $1), $2) as dispatch' };
const REDISPATCH: Statement = { name: 'redispatch', text: 'select ai_redispatch($1::uuid[], $2::bigint[]) as dispatch' };
const WINDOWS: Statement = { name: 'fill_windows', text: 'select ai_fill_windows($1) as dispatch' };
const FORWARD: Statement = { name: 'bring_forward', text: 'select ai_bring_forward(make_interval(secs => $1)) as dispatch' };
const CALLERS: Statement = { name: 'complete_callers', text: 'select ai_complete_callers(make_interval(secs => $1), $2) as rows' };
const UNKNOWN: Statement = { name: 'account_unknown', text: 'select ai_account_unknown(make_interval(secs => $1), $2) as rows' };

const UNHELD: Statement = {
  name: 'release_unheld',
  text: 'select ai_release_unheld($1, $2::uuid[], make_interval(secs => $3)) as dispatch',
};

interface DispatchRow {
  dispatch: Dispatch;
}

/** Marks workers dead whose lock is gone or whose lease is over. @returns their ids */
export async function sweepWorkers(database: Database): Promise<string[]> {
  const rows = await database.query<{ id: string }>(WORKERS);
  return rows.map((row) => row.id);
}

/** Takes running jobs away from dead workers. @returns what to dispatch again, to the front of its queue */
export async function sweepRunning(database: Database, limit = 500): Promise<Dispatch[]> {
  const rows = await database.query<DispatchRow>(RUNNING, [limit]);
  return rows.map((row) => row.dispatch);
}

/** @returns due jobs that were dispatched more than `olderMs` ago and that nobody has claimed */
export async function listOverdue(database: Database, olderMs: number, limit = 2_000): Promise<Dispatch[]> {
  const rows = await database.query<DispatchRow>(OVERDUE, [olderMs / 1000, limit]);
  return rows.map((row) => row.dispatch);
}

/** Gives jobs the queue has lost a new generation. @returns what to put into the queue */
export async function redispatch(database: Database, lost: readonly Pick<Dispatch, 'jobId' | 'generation'>[]): Promise<Dispatch[]> {
  if (lost.length === 0) return [];
  const rows = await database.query<DispatchRow>(REDISPATCH, [lost.map((entry) => entry.jobId), lost.map((entry) => entry.generation)]);
  return rows.map((row) => row.dispatch);
}

/** Dispatches jobs that wait behind a dispatch window that has room. */
export async function fillWindows(database: Database, window: number): Promise<Dispatch[]> {
  const rows = await database.query<DispatchRow>(WINDOWS, [window]);
  return rows.map((row) => row.dispatch);
}

/**
 * Brings the oldest jobs that have waited for longer than `longerMs` to the front of their queues, a few at a time.
 * @returns what to dispatch again
 */
export async function bringForward(database: Database, longerMs: number): Promise<Dispatch[]> {
  const rows = await database.query<DispatchRow>(FORWARD, [longerMs / 1000]);
  return rows.map((row) => row.dispatch);
}

/** Writes the usage rows that callers of finished jobs lack. @returns how many */
export async function completeCallers(database: Database, sinceMs = 3_600_000, limit = 500): Promise<number> {
  const [row] = await database.query<{ rows: number }>(CALLERS, [sinceMs / 1000, limit]);
  return row?.rows ?? 0;
}

/** Writes the usage rows of attempts that stayed unknown for longer than `graceMs`. @returns how many */
export async function accountUnknown(database: Database, graceMs: number, limit = 500): Promise<number> {
  const [row] = await database.query<{ rows: number }>(UNKNOWN, [graceMs / 1000, limit]);
  return row?.rows ?? 0;
}

export interface HeldJobs {
  readonly workerId: string;
  /** Ids of the jobs the worker has in hand. */
  readonly held: readonly string[];
  /** Younger claims are left alone: their reply may be on its way. */
  readonly olderMs: number;
}

/** Gives back what the ledger counts as run by a worker that does not have it in hand. @returns what to dispatch again */
export async function releaseUnheld(database: Database, { workerId, held, olderMs }: HeldJobs): Promise<Dispatch[]> {
  const rows = await database.query<DispatchRow>(UNHELD, [workerId, held, olderMs / 1000]);
  return rows.map((row) => row.dispatch);
}
