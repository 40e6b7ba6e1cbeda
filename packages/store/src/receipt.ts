import {
  attributeSavings,
  computeCost,
  itemiseCall,
  priceAt,
  type AnswerSource,
  type Itemised,
  type Price,
  type Saving,
  type Usage,
  type UsageRowKind,
} from '@ai-core/core';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database, Statement } from './database.ts';

/** One row of the accounts on a receipt. */
export interface ReceiptRow {
  readonly id: string;
  readonly kind: UsageRowKind;
  readonly at: Date;
  readonly source: AnswerSource;
  readonly provider: string;
  readonly model: string;
  /** null = unpriced. */
  readonly costNanoUsd: bigint | null;
  readonly savedNanoUsd: bigint;
  /** Why it cost less than it might; the parts add up to what it would have cost minus what was paid. */
  readonly savings: readonly Saving[];
}

/** One paid call on a receipt, taken apart. */
export interface ReceiptCall extends Itemised {
  readonly attemptId: string;
  readonly provider: string;
  readonly model: string;
  readonly state: string;
  readonly startedAt: Date;
  readonly priceId: string | null;
  readonly priceFrom: Date | null;
}

export interface Receipt {
  /** The job all rows belong to; null of a memory hit. */
  readonly jobId: string | null;
  readonly rows: readonly ReceiptRow[];
  readonly calls: readonly ReceiptCall[];
  /** Sum of the rows. */
  readonly paidNanoUsd: bigint;
  /** Sum of the rows that belong to calls minus sum of the calls; 0 when the accounts are sound. */
  readonly differenceNanoUsd: bigint;
}

/** A model the costs are compared with. */
export interface Incumbent {
  readonly provider: string;
  readonly modelName: string;
}

export interface ReceiptQuestion {
  /** Model to compare with instead of the one that would have answered; null = what was saved as it was written down. */
  readonly incumbent?: Incumbent | null | undefined;
  /** Only what this API key has asked for, also of a job that served others too; null = everybody's. */
  readonly caller?: string | null | undefined;
}

interface UsageRow {
  readonly id: string;
  readonly row_kind: UsageRowKind;
  readonly at: Date;
  readonly job_id: string | null;
  readonly attempt_id: string | null;
  readonly source: AnswerSource;
  readonly provider: string;
  readonly model: string;
  readonly cost_nano_usd: bigint | null;
  readonly saved_nano_usd: bigint;
  readonly saved_source: 'memory' | 'in_flight' | null;
  readonly saved_batch_nano_usd: bigint;
  readonly saved_cheaper_nano_usd: bigint;
  readonly saved_own_nano_usd: bigint;
  /** The call that bought the answer. */
  readonly bought_by: string | null;
}

interface CallRow {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly state: string;
  readonly started_at: Date;
  readonly price_id: string | null;
  readonly cost_nano_usd: bigint | null;
  readonly usage: Usage | null;
}

const ROWS: Statement = {
  name: 'receipt_rows',
  text: `with asked as (select coalesce((select u.job_id from ai_usage_log u where u.id = $1 and ($2::text is null or u.caller = $2) limit 1),
      (select j.job_id from ai_usage_log j where j.job_id = $1 limit 1)) as job_id)
    select u.id, u.row_kind, u.at, u.job_id, u.attempt_id, u.source, u.provider, u.model, u.cost_nano_usd, u.saved_nano_usd,
      u.saved_source, u.saved_batch_nano_usd, u.saved_cheaper_nano_usd, u.saved_own_nano_usd,
      -- A remembered answer has the id of the call that bought it.
      coalesce(u.attempt_id, u.memory_id) as bought_by
    from asked, ai_usage_log u where (u.id = $1 or u.job_id = asked.job_id) and ($2::text is null or u.caller = $2) order by u.at, u.created_at, u.id limit 10000`,
};
const CALLS: Statement = {
  name: 'receipt_calls',
  text: `select id, provider, coalesce(billed_model, model) as model, state, started_at, price_id, cost_nano_usd, usage - 'raw' as usage
    from ai_attempt where id = any ($1::uuid[]) or job_id = $2 order by started_at, id`,
};

interface Context {
  readonly calls: ReadonlyMap<string, CallRow>;
  readonly prices: readonly Price[];
  readonly incumbent: Incumbent | null;
}

const OWN_PROVIDER = 'local_small_model';

/** What sharing alone saved: by somebody else having paid for the answer. */
function sharedOf(row: UsageRow): bigint {
  return row.saved_nano_usd - row.saved_batch_nano_usd - row.saved_cheaper_nano_usd - row.saved_own_nano_usd;
}

/** As it was written down when it happened. */
function writtenSavings(row: UsageRow): Saving[] {
  const parts: Saving[] = [
    { reason: 'own_model', nanoUsd: row.saved_own_nano_usd },
    { reason: 'cheaper_model', nanoUsd: row.saved_cheaper_nano_usd },
    { reason: 'batch', nanoUsd: row.saved_batch_nano_usd },
    { reason: row.saved_source ?? 'memory', nanoUsd: sharedOf(row) },
  ];
  return parts.filter(({ nanoUsd }) => nanoUsd !== 0n);
}

function savingsOf(row: UsageRow, { calls, prices, incumbent }: Context): Saving[] {
  if (incumbent === null) return writtenSavings(row);
  if (row.row_kind !== 'request' || row.cost_nano_usd === null) return [];
  const call = calls.get(row.bought_by ?? '');
  const paidNanoUsd = row.cost_nano_usd;
  // What a hit saved was written down when it happened: a later correction of the call does not change it.
  const boughtNanoUsd = paidNanoUsd + sharedOf(row);
  const usage = call?.usage ?? null;
  const price = prices.find(({ id }) => id === call?.price_id) ?? null;
  const realtimeNanoUsd = usage?.batch === true ? (computeCost({ ...usage, batch: false }, price).nanoUsd ?? boughtNanoUsd) : boughtNanoUsd;
  const other = call === undefined ? null : priceAt(prices, { ...incumbent, at: call.started_at });
  const incumbentNanoUsd = usage === null || other === null ? null : computeCost({ ...usage, batch: false }, other).nanoUsd;
  return attributeSavings({
    paidNanoUsd,
    boughtNanoUsd,
    realtimeNanoUsd,
    incumbentNanoUsd: incumbentNanoUsd ?? realtimeNanoUsd,
    shared: row.source === 'memory' || row.source === 'in_flight' ? row.source : null,
    isOwnModel: row.provider === OWN_PROVIDER,
  });
}

function toCall(row: CallRow, prices: readonly Price[]): ReceiptCall {
  const price = prices.find(({ id }) => id === row.price_id) ?? null;
  return {
    attemptId: row.id,
    provider: row.provider,
    model: row.model,
    state: row.state,
    startedAt: row.started_at,
    priceId: row.price_id,
    priceFrom: price?.effectiveFrom ?? null,
    ...itemiseCall({ usage: row.usage, price, costNanoUsd: row.cost_nano_usd }),
  };
}

/**
 * Explains the money of a request or of a whole job: every row, every paid call line by line, what was saved and why.
 * @param id of a request (its usage row) or of a job
 * @returns null when the accounts know nothing of the id, or nothing of this caller's
 */
export async function getReceipt(
  database: Database,
  id: string,
  { incumbent = null, caller = null }: ReceiptQuestion = {},
): Promise<Receipt | null> {
  const rows = await database.query<UsageRow>(ROWS, [id, caller]);
  const [first] = rows;
  if (first === undefined) return null;
  const boughtBy = rows.flatMap((row) => (row.bought_by === null ? [] : [row.bought_by]));
  const calls = await database.query<CallRow>(CALLS, [boughtBy, first.job_id]);
  const { prices } = await loadCatalogueSnapshot(database);
  const context: Context = { calls: new Map(calls.map((call) => [call.id, call])), prices, incumbent };
  const own = new Set(rows.flatMap((row) => (row.attempt_id === null ? [] : [row.attempt_id])));
  const sum = (amounts: readonly (bigint | null)[]): bigint => amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n);
  const paidCalls = calls.filter((call) => own.has(call.id));
  const paidNanoUsd = sum(rows.map((row) => row.cost_nano_usd));
  return {
    jobId: first.job_id,
    rows: rows.map((row) => ({
      id: row.id,
      kind: row.row_kind,
      at: row.at,
      source: row.source,
      provider: row.provider,
      model: row.model,
      costNanoUsd: row.cost_nano_usd,
      savedNanoUsd: row.saved_nano_usd,
      savings: savingsOf(row, context),
    })),
    calls: paidCalls.map((call) => toCall(call, prices)),
    paidNanoUsd,
    differenceNanoUsd: paidNanoUsd - sum(paidCalls.map((call) => call.cost_nano_usd)),
  };
}
