import type { Dispatch } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

const CANCEL: Statement = { name: 'cancel', text: 'select * from ai_cancel($1, $2)' };
const RETRY: Statement = { name: 'retry', text: 'select * from ai_retry($1::uuid[])' };

export interface Cancellation {
  /** left: others still wait for the job. cancelled: the job is. finished: too late. unknown: no such job. */
  readonly outcome: 'left' | 'cancelled' | 'finished' | 'unknown';
  readonly replyTo: readonly string[];
}

/**
 * Takes one caller's request back, or with `requestId` null everybody's.
 * A provider call under way is not stopped: its answer is then refused, and accounted for as late.
 */
export async function cancel(database: Database, jobId: string, requestId: string | null): Promise<Cancellation> {
  const [row] = await database.query<{ out_outcome: Cancellation['outcome']; out_reply_to: string[] }>(CANCEL, [jobId, requestId]);
  return { outcome: row?.out_outcome ?? 'unknown', replyTo: row?.out_reply_to ?? [] };
}

export interface RetriedJob {
  readonly jobId: string;
  /** in_flight: the same work was asked for again meanwhile and is under way. */
  readonly outcome: 'queued' | 'not_failed' | 'in_flight' | 'unknown';
  readonly dispatch: Dispatch | null;
}

/** Sends failed or cancelled jobs round again, from their first candidate. */
export async function retryJobs(database: Database, jobIds: readonly string[]): Promise<RetriedJob[]> {
  const rows = await database.query<{ out_job: string; out_outcome: RetriedJob['outcome']; out_dispatch: Dispatch | null }>(RETRY, [
    jobIds,
  ]);
  return rows.map((row) => ({ jobId: row.out_job, outcome: row.out_outcome, dispatch: row.out_dispatch }));
}
