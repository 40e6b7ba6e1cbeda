/** Texts of the batch lane before they are in a batch: collected, put into one, or called on their own when their time there is over. */
import type { BatchLimits, Collection, Dispatch, ProviderName } from '@ai-core/core';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Statement } from './database.ts';

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

const COLLECTED: Statement = { name: 'batch_collected', text: 'select * from ai_list_collected($1::text[])' };
const CLOSE: Statement = { name: 'batch_close', text: 'select * from ai_close_batch($1::jsonb, $2)' };
const LEAVE: Statement = { name: 'batch_leave', text: 'select ai_leave_batch_lane($1) as dispatch' };

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

/** Takes jobs out of the batch lane whose time there is over. @returns what to dispatch */
export async function leaveBatchLane(database: Database, limit = 500): Promise<Dispatch[]> {
  const rows = await database.query<{ dispatch: Dispatch }>(LEAVE, [limit]);
  return rows.map(({ dispatch }) => dispatch);
}
