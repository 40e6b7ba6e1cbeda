/** The lines of a batch: read, answered, failed or given back. */
import type { Candidate, Dispatch, JobRequest, SelectionMode } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import {
  failureJson,
  toFailureSettlement,
  type FailedAttempt,
  type FailureRow,
  type FailureSettlement,
  type Settlement,
} from './settle.ts';

/** One line of a batch, with the job it is for. */
export interface BatchLine {
  readonly attemptId: string;
  readonly jobId: string;
  readonly fence: string;
  readonly customId: string;
  /** Its job was in the batch when the batch was handed over. */
  readonly sent: boolean;
  readonly settled: boolean;
  readonly startedAt: Date;
  readonly request: JobRequest;
  readonly requestType: string;
  readonly candidates: readonly Candidate[];
  readonly candidate: number;
  readonly scope: string;
  readonly shared: boolean;
  readonly simulated: boolean;
  readonly selectionMode: SelectionMode;
  readonly attempts: number;
  readonly candidateAttempts: number;
  readonly deadline: Date | null;
}

const LINES: Statement = {
  name: 'batch_lines',
  text: `select i.attempt_id, i.job_id, i.fence::text as fence, i.custom_id, i.sent, i.settled_at is not null as settled, a.started_at, j.request,
      j.request_type, j.candidates, j.candidate, j.scope, j.shared, j.simulated, j.selection_mode, j.attempts, j.candidate_attempts, j.deadline
    from ai_batch_item i join ai_job j on j.id = i.job_id join ai_attempt a on a.id = i.attempt_id
    where i.batch_id = $1 order by i.place`,
};
const SETTLE: Statement = { name: 'batch_settle', text: 'select * from ai_settle_batched($1, $2::jsonb, $3)' };
const FAIL: Statement = { name: 'batch_fail', text: 'select * from ai_fail_batched($1, $2::jsonb, $3)' };
const RETURN: Statement = { name: 'batch_return', text: 'select ai_return_batch($1, $2, $3) as dispatch' };

/** The lines of a batch, in the order in which they are handed over. */
export async function listBatchLines(database: Database, batchId: string): Promise<BatchLine[]> {
  const rows = await database.query<{
    attempt_id: string;
    job_id: string;
    fence: string;
    custom_id: string;
    sent: boolean;
    settled: boolean;
    started_at: Date;
    request: JobRequest;
    request_type: string;
    candidates: Candidate[];
    candidate: number;
    scope: string;
    shared: boolean;
    simulated: boolean;
    selection_mode: SelectionMode;
    attempts: number;
    candidate_attempts: number;
    deadline: Date | null;
  }>(LINES, [batchId]);
  return rows.map((row) => ({
    attemptId: row.attempt_id,
    jobId: row.job_id,
    fence: row.fence,
    customId: row.custom_id,
    sent: row.sent,
    settled: row.settled,
    startedAt: row.started_at,
    request: row.request,
    requestType: row.request_type,
    candidates: row.candidates,
    candidate: row.candidate,
    scope: row.scope,
    shared: row.shared,
    simulated: row.simulated,
    selectionMode: row.selection_mode,
    attempts: row.attempts,
    candidateAttempts: row.candidate_attempts,
    deadline: row.deadline,
  }));
}

/**
 * Brings answers of a batch into the ledger. A job that has left the batch meanwhile gets nothing, and its line is accounted for as late.
 * Repeating it changes nothing.
 * @param answers as toSettleJson() makes them
 */
export async function settleBatched(
  database: Database,
  held: { readonly batchId: string; readonly workerId: string },
  answers: readonly Record<string, unknown>[],
): Promise<(Settlement & { readonly jobId: string })[]> {
  const body = JSON.stringify(answers.map((answer, n) => ({ ...answer, n })));
  const rows = await database.query<{ out_outcome: Settlement['outcome']; out_job: string; out_reply_to: string[]; out_more: boolean }>(
    SETTLE,
    [held.batchId, body, held.workerId],
  );
  return rows.map((row) => ({ jobId: row.out_job, outcome: row.out_outcome, replyTo: row.out_reply_to, more: row.out_more }));
}

/** Records that a line of a batch failed, and what becomes of its job; see failAttempt(). */
export async function failBatched(
  database: Database,
  held: { readonly batchId: string; readonly workerId: string },
  failure: FailedAttempt,
): Promise<FailureSettlement> {
  const [row] = await database.query<FailureRow>(FAIL, [held.batchId, JSON.stringify(failureJson(failure)), held.workerId]);
  return toFailureSettlement(row);
}

export interface ReturnedLines {
  /** Whether the provider may have charged for them. */
  readonly charged: 'no' | 'unknown';
  readonly limit: number;
}

/**
 * Gives lines back that a batch has not answered: their jobs are called on their own.
 * @returns how many were given back, and what to dispatch for them
 */
export async function returnBatch(
  database: Database,
  batchId: string,
  { charged, limit }: ReturnedLines,
): Promise<{ readonly lines: number; readonly dispatches: Dispatch[] }> {
  const rows = await database.query<{ dispatch: Dispatch | null }>(RETURN, [batchId, charged, limit]);
  return { lines: rows.length, dispatches: rows.flatMap(({ dispatch }) => (dispatch === null ? [] : [dispatch])) };
}
