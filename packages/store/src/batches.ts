import type { BatchLimits, Candidate, Collection, Dispatch, JobRequest, ProviderName, SelectionMode } from '@ai-core/core';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Statement } from './database.ts';
import { failureJson, type FailedAttempt, type FailureSettlement, type Settlement } from './settle.ts';

/** What is collected for one model. */
export interface CollectedJobs extends Collection {
  readonly model: string;
  readonly queue: string;
  readonly simulated: boolean;
}

export interface ClosedBatch {
  readonly batchId: string;
  /** How many are in the batch; 0 = there is none. */
  readonly requests: number;
  /** Jobs that go elsewhere instead. */
  readonly dispatches: readonly Dispatch[];
  /** Jobs that memory or an empty budget has finished. */
  readonly finished: readonly { readonly jobId: string; readonly replyTo: readonly string[] }[];
}

/** A batch that this worker has taken. */
export interface HeldBatch {
  readonly id: string;
  readonly provider: ProviderName;
  readonly model: string;
  readonly state: 'submitting' | 'running';
  readonly providerBatchId: string | null;
  /** Batches of the provider that are known not to be this one. */
  readonly foreignIds: readonly string[];
  readonly requests: number;
  /** When it was begun to be handed over; with `providerBatchId` null nobody knows whether the provider has it. */
  readonly handedOverAt: Date | null;
  /** How long ago that was, by the database's clock, in milliseconds. */
  readonly inDoubtForMs: number;
  /** How long ago the provider took it, in milliseconds. */
  readonly runningForMs: number;
  readonly cancelled: boolean;
  readonly tries: number;
  /** Jobs that still wait for it. */
  readonly waiting: number;
}

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

const COLLECTED: Statement = { name: 'batch_collected', text: 'select * from ai_list_collected($1::text[])' };
const CLOSE: Statement = { name: 'batch_close', text: 'select * from ai_close_batch($1::jsonb, $2)' };
const TAKE: Statement = {
  name: 'batch_take',
  text: `select b.*, coalesce(extract(epoch from clock_timestamp() - b.handed_over_at) * 1000, 0)::float8 as doubt_ms,
      coalesce(extract(epoch from clock_timestamp() - b.submitted_at) * 1000, 0)::float8 as running_ms,
      (select count(*)::integer from ai_job j where j.batch_id = b.id and j.state = 'batched') as waiting
    from ai_take_batch($1, $2::text[], make_interval(secs => $3)) b`,
};
const LINES: Statement = {
  name: 'batch_lines',
  text: `select i.attempt_id, i.job_id, i.fence::text as fence, i.custom_id, i.sent, i.settled_at is not null as settled, a.started_at, j.request,
      j.request_type, j.candidates, j.candidate, j.scope, j.shared, j.simulated, j.selection_mode, j.attempts, j.candidate_attempts, j.deadline
    from ai_batch_item i join ai_job j on j.id = i.job_id join ai_attempt a on a.id = i.attempt_id
    where i.batch_id = $1 order by i.place`,
};
const HAND_OVER: Statement = { name: 'batch_hand_over', text: 'select ai_hand_over_batch($1, $2) as requests' };
const PUT: Statement = { name: 'batch_put', text: 'select ai_put_batch($1, $2, $3::jsonb) as put' };
const SETTLE: Statement = { name: 'batch_settle', text: 'select * from ai_settle_batched($1, $2::jsonb, $3)' };
const FAIL: Statement = { name: 'batch_fail', text: 'select * from ai_fail_batched($1, $2::jsonb, $3)' };
const RETURN: Statement = { name: 'batch_return', text: 'select ai_return_batch($1, $2, $3) as dispatch' };
const FINISH: Statement = { name: 'batch_finish', text: 'select ai_finish_batch($1, $2, $3, $4)' };
const LEAVE: Statement = { name: 'batch_leave', text: 'select ai_leave_batch_lane($1) as dispatch' };
const KNOWN: Statement = {
  name: 'batch_known',
  text: "select provider_batch_id as id from ai_batch where provider = $1 and provider_batch_id is not null and created_at > $2::timestamptz - interval '3 days'",
};

/** @param queues queues of the providers this process can hand batches to */
export async function listCollected(database: Database, queues: readonly string[]): Promise<CollectedJobs[]> {
  const rows = await database.query<{
    out_provider: ProviderName;
    out_model: string;
    out_queue: string;
    out_simulated: boolean;
    out_requests: number;
    out_bytes: bigint;
    out_age_ms: number;
  }>(COLLECTED, [queues]);
  return rows.map((row) => ({
    provider: row.out_provider,
    model: row.out_model,
    queue: row.out_queue,
    simulated: row.out_simulated,
    requests: row.out_requests,
    bytes: Number(row.out_bytes),
    ageMs: row.out_age_ms,
  }));
}

/** Makes a batch of what is collected for a model, with an attempt for every line of it. */
export async function closeBatch(
  database: Database,
  workerId: string,
  { collected, limits }: { readonly collected: CollectedJobs; readonly limits: BatchLimits },
): Promise<ClosedBatch> {
  const { provider, model, queue, simulated } = collected;
  const batchId = uuidv7();
  const body = JSON.stringify({ id: batchId, provider, model, queue, simulated, ...limits });
  const [row] = await database.query<{ out_requests: number; out_dispatches: Dispatch[]; out_finished: ClosedBatch['finished'] }>(CLOSE, [
    body,
    workerId,
  ]);
  return { batchId, requests: row?.out_requests ?? 0, dispatches: row?.out_dispatches ?? [], finished: row?.out_finished ?? [] };
}

/**
 * Takes a batch that is due; nobody else has it for `holdMs`, unless this worker dies.
 * @returns null when none is due
 */
export async function takeBatch(
  database: Database,
  workerId: string,
  { queues, holdMs }: { readonly queues: readonly string[]; readonly holdMs: number },
): Promise<HeldBatch | null> {
  const [row] = await database.query<{
    id: string;
    provider: ProviderName;
    model: string;
    state: HeldBatch['state'];
    provider_batch_id: string | null;
    foreign_ids: string[];
    requests: number;
    handed_over_at: Date | null;
    doubt_ms: number;
    running_ms: number;
    cancelled_at: Date | null;
    tries: number;
    waiting: number;
  }>(TAKE, [workerId, queues, holdMs / 1_000]);
  if (row === undefined) return null;
  return {
    id: row.id,
    provider: row.provider,
    model: row.model,
    state: row.state,
    providerBatchId: row.provider_batch_id,
    foreignIds: row.foreign_ids,
    requests: row.requests,
    handedOverAt: row.handed_over_at,
    inDoubtForMs: row.doubt_ms,
    runningForMs: row.running_ms,
    cancelled: row.cancelled_at !== null,
    tries: row.tries,
    waiting: row.waiting,
  };
}

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
 * Writes down that a batch is about to be handed over: from now on the provider may have it.
 * @returns how many of its jobs still wait, which are the lines to send; null = it is not this worker's any more, and nothing may be sent
 */
export async function handOverBatch(database: Database, batchId: string, workerId: string): Promise<number | null> {
  const [row] = await database.query<{ requests: number | null }>(HAND_OVER, [batchId, workerId]);
  return row?.requests ?? null;
}

/** What is new about a batch that is let go until it is due again. */
export interface BatchChange {
  readonly nextMs: number;
  /** The provider has it, under this id. */
  readonly providerBatchId?: string | undefined;
  /** It is certain that the provider does not have it. */
  readonly forgetHandOver?: boolean | undefined;
  readonly cancelled?: boolean | undefined;
  /** The provider's batch that was taken for it and is not it. */
  readonly foreignId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/** Lets a batch go. @returns false when it is not this worker's any more */
export async function putBatch(
  database: Database,
  held: { readonly batchId: string; readonly workerId: string },
  change: BatchChange,
): Promise<boolean> {
  const body = JSON.stringify({
    next_ms: change.nextMs,
    ...(change.providerBatchId === undefined ? {} : { provider_batch_id: change.providerBatchId }),
    ...(change.forgetHandOver === true ? { forget_hand_over: true } : {}),
    ...(change.cancelled === true ? { cancelled: true } : {}),
    ...(change.foreignId === undefined ? {} : { foreign_id: change.foreignId }),
    error_code: change.errorCode,
    error_message: change.errorMessage,
  });
  const [row] = await database.query<{ put: boolean }>(PUT, [held.batchId, held.workerId, body]);
  return row?.put ?? false;
}

/** @returns the provider's ids of the batches that are in the ledger, of the three days before `since` and later */
export async function listKnownBatches(database: Database, provider: ProviderName, since: Date): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ id: string }>(KNOWN, [provider, since]);
  return new Set(rows.map(({ id }) => id));
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
  const [row] = await database.query<{
    out_outcome: FailureSettlement['outcome'];
    out_dispatch: Dispatch | null;
    out_reply_to: string[];
    out_more: boolean;
    out_opened: boolean;
  }>(FAIL, [held.batchId, JSON.stringify(failureJson(failure)), held.workerId]);
  return {
    outcome: row?.out_outcome ?? 'late',
    dispatch: row?.out_dispatch ?? null,
    replyTo: row?.out_reply_to ?? [],
    more: row?.out_more ?? false,
    circuitOpened: row?.out_opened ?? false,
  };
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

export interface BatchEnd {
  /** How the provider ended it; null = it never had it. */
  readonly ending: string | null;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/** Closes the books of a batch whose lines are all settled. */
export async function finishBatch(database: Database, batchId: string, { ending, errorCode, errorMessage }: BatchEnd): Promise<void> {
  await database.query(FINISH, [batchId, ending, errorCode ?? null, errorMessage ?? null]);
}

/** Takes jobs out of the batch lane whose time there is over. @returns what to dispatch */
export async function leaveBatchLane(database: Database, limit = 500): Promise<Dispatch[]> {
  const rows = await database.query<{ dispatch: Dispatch }>(LEAVE, [limit]);
  return rows.map(({ dispatch }) => dispatch);
}
