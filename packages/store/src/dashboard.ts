/** Figures of the console's dashboard: from the daily tables alone, so that they come as quickly after a million requests as after one. */
import { AiCoreError } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** Money as decimal strings of nano-USD. */
export interface PeriodFigures {
  readonly requests: number;
  readonly failures: number;
  /** Served from memory or by work that was under way. */
  readonly hits: number;
  readonly costNanoUsd: string;
  readonly savedNanoUsd: string;
  /** Calls whose model had no price. */
  readonly unpriced: number;
  readonly averageLatencyMs: number;
  /** Upper bound of the class that holds the 95th percentile; null = no requests. */
  readonly p95LatencyMs: number | null;
}

export interface DayFigures {
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  readonly requests: number;
  readonly hits: number;
  readonly failures: number;
  /** Decimal string of nano-USD. */
  readonly savedNanoUsd: string;
  readonly costs: Readonly<Record<string, string>>;
}

export interface TopRow {
  readonly key: string;
  readonly requests: number;
  readonly costNanoUsd: string;
  readonly savedNanoUsd: string;
}

export interface Dashboard {
  readonly days: number;
  readonly current: PeriodFigures;
  /** The same number of days before. */
  readonly previous: PeriodFigures;
  readonly daily: readonly DayFigures[];
  readonly top: Readonly<Record<DashboardGroup, readonly TopRow[]>>;
}

const GROUPS = { model: `provider || '/' || model`, endpoint: 'endpoint', type: 'request_type' } as const;
export type DashboardGroup = keyof typeof GROUPS;

const MOST_DAYS = 366;
const TOP_ROWS = 8;
/** Lower bounds of the classes of latency_histogram; see functions/41-roll-up.sql. */
const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000] as const;
const LATENCY_CLASSES = LATENCY_BOUNDS_MS.length + 1;

const TODAY = `(now() at time zone 'UTC')::date`;
const HISTOGRAM = Array.from({ length: LATENCY_CLASSES }, (_, index) => `coalesce(sum(latency_histogram[${index + 1}]), 0)::float8`);
const PERIODS: Statement = {
  name: 'dashboard_periods',
  text: `select day > ${TODAY} - $1::integer as is_current, coalesce(sum(requests), 0)::float8 as requests,
      sum(failures)::float8 as failures, sum(cache_hits + in_flight_hits)::float8 as hits, sum(cost_nano_usd)::text as cost,
      sum(saved_nano_usd)::text as saved, sum(unpriced)::float8 as unpriced, sum(latency_sum_ms)::float8 as latency,
      array[${HISTOGRAM.join(', ')}] as histogram
    from ai_daily_cost where day > ${TODAY} - 2 * $1::integer and simulated = $2 group by 1`,
};
const DAILY: Statement = {
  name: 'dashboard_daily',
  text: `with sums as (select day, provider, sum(requests)::float8 as requests, sum(cache_hits + in_flight_hits)::float8 as hits,
        sum(failures)::float8 as failures, sum(saved_nano_usd)::bigint as saved, sum(cost_nano_usd)::bigint as cost from ai_daily_cost where day > ${TODAY} - $1::integer and simulated = $2 group by day, provider)
    select to_char(d.day, 'YYYY-MM-DD') as day, coalesce(sum(s.requests), 0) as requests, coalesce(sum(s.hits), 0) as hits,
      coalesce(sum(s.failures), 0) as failures, coalesce(sum(s.saved), 0)::text as "savedNanoUsd",
      coalesce(jsonb_object_agg(s.provider, s.cost::text) filter (where s.provider <> ''), '{}'::jsonb) as costs
    from generate_series(${TODAY} - $1::integer + 1, ${TODAY}, interval '1 day') d(day) left join sums s on s.day = d.day::date
    group by d.day order by d.day`,
};

function topStatement(name: string, key: string, table: string): Statement {
  return {
    name: `dashboard_top_${name}`,
    text: `select ${key} as key, sum(requests)::float8 as requests, sum(cost_nano_usd)::text as cost, sum(saved_nano_usd)::text as saved
      from ${table} where day > ${TODAY} - $1::integer and simulated = $2
      group by 1 order by sum(cost_nano_usd) desc, sum(requests) desc, 1 limit ${TOP_ROWS}`,
  };
}

interface PeriodRow {
  readonly is_current: boolean;
  readonly requests: number;
  readonly failures: number;
  readonly hits: number;
  readonly cost: string;
  readonly saved: string;
  readonly unpriced: number;
  readonly latency: number;
  readonly histogram: number[];
}

function findP95(histogram: readonly number[]): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  const found = histogram.findIndex((count) => (seen += count) >= total * 0.95);
  return LATENCY_BOUNDS_MS[Math.min(found, LATENCY_BOUNDS_MS.length - 1)] ?? null;
}

function toFigures(row: PeriodRow | undefined): PeriodFigures {
  if (row === undefined) {
    const money = { costNanoUsd: '0', savedNanoUsd: '0' };
    return { requests: 0, failures: 0, hits: 0, ...money, unpriced: 0, averageLatencyMs: 0, p95LatencyMs: null };
  }
  return {
    requests: row.requests,
    failures: row.failures,
    hits: row.hits,
    costNanoUsd: row.cost,
    savedNanoUsd: row.saved,
    unpriced: row.unpriced,
    averageLatencyMs: row.requests === 0 ? 0 : Math.round(row.latency / row.requests),
    p95LatencyMs: findP95(row.histogram),
  };
}

async function readTop(database: Database, statement: Statement, values: unknown[]): Promise<TopRow[]> {
  const rows = await database.query<{ key: string; requests: number; cost: string; saved: string }>(statement, values);
  return rows.map((row) => ({ key: row.key, requests: row.requests, costNanoUsd: row.cost, savedNanoUsd: row.saved }));
}

function checkDays(days: number): void {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new AiCoreError('REQUEST_INVALID', `a period has 1 to ${MOST_DAYS} days`);
}

/**
 * @param days the period, today (UTC) included, 1 to 366
 * @param simulated real and emulated money never share a figure
 * @throws REQUEST_INVALID for a period out of range
 */
export async function readDashboard(database: Database, days: number, simulated: boolean): Promise<Dashboard> {
  checkDays(days);
  const values = [days, simulated];
  const topOf = (group: DashboardGroup) => readTop(database, topStatement(group, GROUPS[group], 'ai_daily_cost'), values);
  const [periods, daily, model, endpoint, type] = await Promise.all([
    database.query<PeriodRow>(PERIODS, values),
    database.query<DayFigures>(DAILY, values),
    topOf('model'),
    topOf('endpoint'),
    topOf('type'),
  ]);
  return {
    days,
    current: toFigures(periods.find((row) => row.is_current)),
    previous: toFigures(periods.find((row) => !row.is_current)),
    daily,
    top: { model, endpoint, type },
  };
}

/**
 * The users who cost most. It grows with the number of people, not with that of models: half a second for 5,000 who ask daily.
 * @throws REQUEST_INVALID for a period out of range
 */
export function readTopUsers(database: Database, days: number, simulated: boolean): Promise<TopRow[]> {
  checkDays(days);
  return readTop(database, topStatement('user', 'user_id', 'ai_daily_user_cost'), [days, simulated]);
}
