import type { Database } from './database.ts';

export const CALLER_USAGE_GROUPS = ['day', 'provider', 'user'] as const;
export type CallerUsageGroup = (typeof CALLER_USAGE_GROUPS)[number];

export interface CallerUsageRow {
  readonly key: string;
  readonly requests: number;
  readonly cacheHits: number;
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
}

export interface CallerUsageQuestion {
  readonly caller: string;
  /** UTC days, today included. */
  readonly days: number;
  readonly by: CallerUsageGroup;
  readonly simulated: boolean;
}

/** Constant SQL: nothing of a user's reaches it. */
const KEYS: Record<CallerUsageGroup, string> = { day: `to_char(day, 'YYYY-MM-DD')`, provider: 'provider', user: 'user_id' };

/** What one caller has asked and spent, from the daily tables, at most 1,000 lines. */
export async function reportCallerUsage(database: Database, question: CallerUsageQuestion): Promise<CallerUsageRow[]> {
  const rows = await database.query<{ key: string; requests: bigint; cache_hits: bigint; cost: bigint; saved: bigint }>(
    {
      name: `caller_usage_by_${question.by}`,
      text: `select ${KEYS[question.by]} as key, sum(requests)::bigint as requests, sum(cache_hits)::bigint as cache_hits,
        sum(cost_nano_usd)::bigint as cost, sum(saved_nano_usd)::bigint as saved
        from ai_daily_user_cost
        where caller = $1 and day > (now() at time zone 'UTC')::date - $2::integer and simulated = $3
        group by 1 order by cost desc, requests desc, key limit 1000`,
    },
    [question.caller, question.days, question.simulated],
  );
  return rows.map((row) => ({
    key: row.key,
    requests: Number(row.requests),
    cacheHits: Number(row.cache_hits),
    costNanoUsd: row.cost,
    savedNanoUsd: row.saved,
  }));
}
