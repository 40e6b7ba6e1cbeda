import type { Database } from './database.ts';

export const USAGE_GROUPS = ['provider', 'model', 'type', 'endpoint', 'user', 'day'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export interface UsageTotals {
  readonly requests: number;
  readonly successes: number;
  readonly failures: number;
  readonly cacheHits: number;
  readonly inFlightHits: number;
  /** Hits and shared work over all requests, 0 to 1. */
  readonly hitRate: number;
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
  readonly unpriced: number;
  readonly averageLatencyMs: number;
}

export interface UsageGroupRow {
  readonly key: string;
  readonly requests: number;
  readonly cacheHits: number;
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
}

export interface UsageReport {
  readonly days: number;
  readonly totals: UsageTotals;
  readonly groups: readonly UsageGroupRow[];
  readonly trainingDataReady: number;
}

/** Simulated and real money never share a report. */
export interface UsageQuestion {
  readonly days: number;
  readonly by: UsageGroup;
  readonly simulated: boolean;
}

/** What a group is called by in the daily tables. Constant SQL: nothing of a user's reaches it. */
const GROUP_KEYS: Record<UsageGroup, { table: string; key: string; cacheHits: string }> = {
  provider: { table: 'ai_daily_cost', key: 'provider', cacheHits: 'cache_hits + in_flight_hits' },
  model: { table: 'ai_daily_cost', key: `provider || '/' || model`, cacheHits: 'cache_hits + in_flight_hits' },
  type: { table: 'ai_daily_cost', key: 'request_type', cacheHits: 'cache_hits + in_flight_hits' },
  endpoint: { table: 'ai_daily_cost', key: 'endpoint', cacheHits: 'cache_hits + in_flight_hits' },
  user: { table: 'ai_daily_user_cost', key: 'user_id', cacheHits: 'cache_hits' },
  day: { table: 'ai_daily_cost', key: `to_char(day, 'YYYY-MM-DD')`, cacheHits: 'cache_hits + in_flight_hits' },
};

const SINCE = `day > (now() at time zone 'UTC')::date - $1::integer and simulated = $2`;

/** Totals and one breakdown, from the daily tables. Roll up first for figures up to the second. */
export async function reportUsage(database: Database, question: UsageQuestion): Promise<UsageReport> {
  const group = GROUP_KEYS[question.by];
  const values = [question.days, question.simulated];
  const [totals] = await database.query<{
    requests: bigint;
    successes: bigint;
    failures: bigint;
    cache_hits: bigint;
    in_flight_hits: bigint;
    cost: bigint;
    saved: bigint;
    unpriced: bigint;
    latency: bigint;
  }>(
    {
      name: 'usage_totals',
      text: `select coalesce(sum(requests), 0)::bigint as requests, coalesce(sum(successes), 0)::bigint as successes,
        coalesce(sum(failures), 0)::bigint as failures, coalesce(sum(cache_hits), 0)::bigint as cache_hits,
        coalesce(sum(in_flight_hits), 0)::bigint as in_flight_hits, coalesce(sum(cost_nano_usd), 0)::bigint as cost,
        coalesce(sum(saved_nano_usd), 0)::bigint as saved, coalesce(sum(unpriced), 0)::bigint as unpriced,
        coalesce(sum(latency_sum_ms), 0)::bigint as latency
        from ai_daily_cost where ${SINCE}`,
    },
    values,
  );
  const groups = await database.query<{ key: string; requests: bigint; cache_hits: bigint; cost: bigint; saved: bigint }>(
    {
      name: `usage_by_${question.by}`,
      text: `select ${group.key} as key, sum(requests)::bigint as requests, sum(${group.cacheHits})::bigint as cache_hits,
        sum(cost_nano_usd)::bigint as cost, sum(saved_nano_usd)::bigint as saved
        from ${group.table} where ${SINCE} group by 1 order by cost desc, requests desc, key limit 100`,
    },
    values,
  );
  const [ready] = await database.query<{ n: bigint }>(
    {
      name: 'usage_training_ready',
      text: 'select count(*) as n from ai_memory where use_for_training and is_verified_good and simulated = $1',
    },
    [question.simulated],
  );
  const requests = Number(totals?.requests ?? 0n);
  const hits = Number((totals?.cache_hits ?? 0n) + (totals?.in_flight_hits ?? 0n));
  return {
    days: question.days,
    totals: {
      requests,
      successes: Number(totals?.successes ?? 0n),
      failures: Number(totals?.failures ?? 0n),
      cacheHits: Number(totals?.cache_hits ?? 0n),
      inFlightHits: Number(totals?.in_flight_hits ?? 0n),
      hitRate: requests === 0 ? 0 : hits / requests,
      costNanoUsd: totals?.cost ?? 0n,
      savedNanoUsd: totals?.saved ?? 0n,
      unpriced: Number(totals?.unpriced ?? 0n),
      averageLatencyMs: requests === 0 ? 0 : Math.round(Number(totals?.latency ?? 0n) / requests),
    },
    groups: groups.map((row) => ({
      key: row.key,
      requests: Number(row.requests),
      cacheHits: Number(row.cache_hits),
      costNanoUsd: row.cost,
      savedNanoUsd: row.saved,
    })),
    trainingDataReady: Number(ready?.n ?? 0n),
  };
}

export interface DailyCostRow {
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  readonly requestType: string;
  readonly requests: number;
  readonly cacheHits: number;
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
}

/** The daily cost table of one UTC day, simulated or not, one line per model and request type. @param day null = today */
export async function listDailyCost(database: Database, day: string | null, simulated: boolean): Promise<DailyCostRow[]> {
  const rows = await database.query<{
    day: string;
    provider: string;
    model: string;
    request_type: string;
    requests: bigint;
    cache_hits: bigint;
    cost: bigint;
    saved: bigint;
  }>(
    {
      name: 'daily_cost_list',
      text: `select to_char(day, 'YYYY-MM-DD') as day, provider, model, request_type, sum(requests)::bigint as requests,
        sum(cache_hits + in_flight_hits)::bigint as cache_hits, sum(cost_nano_usd)::bigint as cost, sum(saved_nano_usd)::bigint as saved
        from ai_daily_cost where day = coalesce($1::date, (now() at time zone 'UTC')::date) and simulated = $2
        group by day, provider, model, request_type order by provider, model, request_type`,
    },
    [day, simulated],
  );
  return rows.map((row) => ({
    day: row.day,
    provider: row.provider,
    model: row.model,
    requestType: row.request_type,
    requests: Number(row.requests),
    cacheHits: Number(row.cache_hits),
    costNanoUsd: row.cost,
    savedNanoUsd: row.saved,
  }));
}

/** @returns how many usage rows today (UTC) has. */
export async function countUsageRows(database: Database, simulated: boolean): Promise<number> {
  const [row] = await database.query<{ n: bigint }>(
    {
      name: 'usage_count_today',
      text: `select count(*) as n from ai_usage_log
        where at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' and simulated = $1`,
    },
    [simulated],
  );
  return Number(row?.n ?? 0n);
}
