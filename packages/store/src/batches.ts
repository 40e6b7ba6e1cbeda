/** A batch in the hands of one worker: taken, handed over, let go until it is due again, finished. */
import type { ProviderName } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

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

const TAKE: Statement = {
  name: 'batch_take',
  text: `select b.*, coalesce(extract(epoch from clock_timestamp() - b.handed_over_at) * 1000, 0)::float8 as doubt_ms,
      coalesce(extract(epoch from clock_timestamp() - b.submitted_at) * 1000, 0)::float8 as running_ms,
      (select count(*)::integer from ai_job j where j.batch_id = b.id and j.state = 'batched') as waiting
    from ai_take_batch($1, $2::text[], make_interval(secs => $3)) b`,
};
const HAND_OVER: Statement = { name: 'batch_hand_over', text: 'select ai_hand_over_batch($1, $2) as requests' };
const PUT: Statement = { name: 'batch_put', text: 'select ai_put_batch($1, $2, $3::jsonb) as put' };
const FINISH: Statement = { name: 'batch_finish', text: 'select ai_finish_batch($1, $2, $3, $4)' };
const KNOWN: Statement = {
  name: 'batch_known',
  text: "select provider_batch_id as id from ai_batch where provider = $1 and provider_batch_id is not null and created_at > $2::timestamptz - interval '3 days'",
};

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
