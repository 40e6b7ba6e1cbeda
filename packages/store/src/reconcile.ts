import type { Usage } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** An attempt whose outcome nobody saw: its worker died, or its connection was cut after the request had gone out. */
export interface UnknownAttempt {
  readonly id: string;
  readonly jobId: string;
  readonly provider: string;
  readonly model: string;
  readonly simulated: boolean;
  readonly startedAt: Date;
  /** The most it can have cost; what budgets count until it is settled. */
  readonly maxCostNanoUsd: bigint | null;
}

/** How an unknown attempt ended after all. */
export interface Resolution {
  readonly attemptId: string;
  /** billed: the provider's bill has it. not_billed: the bill covers its time and does not have it. */
  readonly state: 'billed' | 'not_billed';
  readonly usage: Usage | null;
  readonly costNanoUsd: bigint | null;
  readonly priceId: string | null;
  readonly billedModel: string | null;
  readonly providerRequestId: string | null;
  /** Who says so: `bill`, or `write-off` for an admin's act. */
  readonly settledBy: 'bill' | 'write-off';
}

interface Row {
  id: string;
  job_id: string;
  provider: string;
  model: string;
  simulated: boolean;
  started_at: Date;
  max_cost_nano_usd: bigint | null;
}

const LIST: Statement = {
  name: 'unknown_list',
  text: `select id, job_id, provider, model, simulated, started_at, max_cost_nano_usd from ai_attempt
    where state = 'unknown' and simulated = $1 order by started_at limit $2`,
};
const RESOLVE: Statement = { name: 'unknown_resolve', text: 'select ai_resolve_unknown($1, $2, $3::jsonb) as resolved' };

/** @returns attempts whose outcome is unknown, oldest first */
export async function listUnknownAttempts(database: Database, simulated: boolean, limit = 10_000): Promise<UnknownAttempt[]> {
  const rows = await database.query<Row>(LIST, [simulated, limit]);
  return rows.map((row) => ({
    id: row.id,
    jobId: row.job_id,
    provider: row.provider,
    model: row.model,
    simulated: row.simulated,
    startedAt: row.started_at,
    maxCostNanoUsd: row.max_cost_nano_usd,
  }));
}

/**
 * Settles one unknown attempt. An attempt that was paid gets its usage row, or the correction of the row that it had already.
 * @returns false when a late answer, or somebody else, has settled it meanwhile
 */
export async function resolveUnknownAttempt(database: Database, resolution: Resolution): Promise<boolean> {
  const body = JSON.stringify({
    usage: resolution.usage,
    cost_nano_usd: resolution.costNanoUsd === null ? null : String(resolution.costNanoUsd),
    price_id: resolution.priceId,
    billed_model: resolution.billedModel,
    provider_request_id: resolution.providerRequestId,
    settled_by: resolution.settledBy,
  });
  const [row] = await database.query<{ resolved: boolean }>(RESOLVE, [resolution.attemptId, resolution.state, body]);
  return row?.resolved ?? false;
}
