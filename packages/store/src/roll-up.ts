import type pg from 'pg';
import type { Database } from './database.ts';
import { toStoreError } from './store-error.ts';

/** One roll-up at a time over the whole fleet; the lock is taken before the transaction, so before its snapshot. */
const LOCK = `hashtextextended('ai_core.roll_up', 0)`;

export interface RollUpResult {
  /** UTC days that were recomputed, YYYY-MM-DD. */
  readonly days: string[];
}

export interface RollUpDifference {
  readonly table: 'ai_daily_cost' | 'ai_daily_user_cost';
  readonly day: string;
  /** Rows that the table has and a recount does not, and the other way round. */
  readonly surplus: number;
  readonly missing: number;
}

export interface RollUpCheck extends RollUpResult {
  readonly checkedDays: number;
  readonly differences: RollUpDifference[];
}

export interface RollUpRange {
  /** First and last UTC day, YYYY-MM-DD; null = unbounded. */
  readonly from: string | null;
  readonly to: string | null;
}

async function locked<Result>(database: Database, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  let client: pg.PoolClient;
  try {
    client = await database.pool.connect();
  } catch (error) {
    throw toStoreError(error);
  }
  let failure: Error | undefined;
  try {
    await client.query('set statement_timeout = 0');
    await client.query(`select pg_advisory_lock(${LOCK})`);
    await client.query('begin isolation level repeatable read');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw toStoreError(error);
  } finally {
    // The session's lock and timeout go with the connection when anything went wrong.
    if (failure === undefined) {
      await client.query(`select pg_advisory_unlock(${LOCK})`).catch((error: Error) => (failure = error));
      await client.query('reset statement_timeout').catch((error: Error) => (failure = error));
    }
    client.release(failure);
  }
}

/** Recomputes the daily tables for every day touched since the last roll-up. */
export function rollUp(database: Database): Promise<RollUpResult> {
  return locked(database, async (client) => ({ days: await rollUpTouchedDays(client) }));
}

async function rollUpTouchedDays(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ day: string }>(`select to_char(day, 'YYYY-MM-DD') as day from ai_roll_up() as day`);
  return rows.map((row) => row.day);
}

/** Recomputes the days of a range, touched or not. */
export function rollUpRange(database: Database, range: RollUpRange): Promise<RollUpResult> {
  return locked(database, async (client) => {
    const days = await listDays(client, range);
    for (const day of days) {
      await client.query('delete from ai_daily_cost where day = $1', [day]);
      await client.query('insert into ai_daily_cost select * from ai_sum_day($1)', [day]);
      await client.query('delete from ai_daily_user_cost where day = $1', [day]);
      await client.query('insert into ai_daily_user_cost select * from ai_sum_user_day($1)', [day]);
    }
    return { days };
  });
}

/** Days of the usage log and of the daily tables. What the log no longer has (its partitions are dropped after 13 months) is not recounted. */
async function listDays(client: pg.PoolClient, range: RollUpRange): Promise<string[]> {
  const { rows } = await client.query<{ day: string }>(
    `with oldest as (
       select min((regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('([0-9-]+)$$))[1]::date) as day
       from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'ai_usage_log'::regclass)
     select to_char(d.day, 'YYYY-MM-DD') as day from (
       select distinct (at at time zone 'UTC')::date as day from ai_usage_log
       union select day from ai_daily_cost union select day from ai_daily_user_cost) d, oldest
     where d.day >= oldest.day and ($1::date is null or d.day >= $1) and ($2::date is null or d.day <= $2) order by 1`,
    [range.from, range.to],
  );
  return rows.map((row) => row.day);
}

/**
 * Rolls up, then recounts every day from the usage log and compares, all in one snapshot: a day that the watermark missed
 * shows as a difference, while writers go on.
 */
export function checkRollUp(database: Database, range: RollUpRange = { from: null, to: null }): Promise<RollUpCheck> {
  return locked(database, async (client) => {
    const days = await rollUpTouchedDays(client);
    const checked = await listDays(client, range);
    const differences: RollUpDifference[] = [];
    for (const day of checked) {
      differences.push(...(await compareDay(client, 'ai_daily_cost', day)));
      differences.push(...(await compareDay(client, 'ai_daily_user_cost', day)));
    }
    return { days, checkedDays: checked.length, differences };
  });
}

/** The SQL function that recounts a day of each table. */
const RECOUNTS = { ai_daily_cost: 'ai_sum_day', ai_daily_user_cost: 'ai_sum_user_day' } as const satisfies Record<
  RollUpDifference['table'],
  string
>;

async function compareDay(client: pg.PoolClient, table: RollUpDifference['table'], day: string): Promise<RollUpDifference[]> {
  const recount = RECOUNTS[table];
  const { rows } = await client.query<{ surplus: number; missing: number }>(
    `with stored as (select to_jsonb(t) - 'created_at' as row from ${table} t where day = $1),
       counted as (select to_jsonb(t) - 'created_at' as row from ${recount}($1) t)
     select (select count(*)::integer from (select row from stored except all select row from counted) s) as surplus,
       (select count(*)::integer from (select row from counted except all select row from stored) c) as missing`,
    [day],
  );
  const found = rows[0];
  return found === undefined || (found.surplus === 0 && found.missing === 0) ? [] : [{ table, day, ...found }];
}

/** @returns how long ago the last roll-up was, in milliseconds; null when there was none. */
export async function rollUpLagMs(database: Database): Promise<number | null> {
  const [row] = await database.query<{ lag: number | null }>({
    name: 'roll_up_lag',
    text: 'select (extract(epoch from clock_timestamp() - rolled_at) * 1000)::float8 as lag from ai_rollup_state',
  });
  return row?.lag ?? null;
}
