/** What was not paid, and thanks to what. */
import { AiCoreError, type SavingReason } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** other = of days whose requests are not kept any more and were never split. */
type SavingSource = SavingReason | 'other';

export interface SavedBy {
  readonly source: SavingSource;
  /** Requests that were answered from memory, or together with another one; null where the daily tables do not count them. */
  readonly requests: number | null;
  /** Decimal string of nano-USD; negative where it was dearer that way. */
  readonly savedNanoUsd: string;
}

const MOST_DAYS = 366;
/** Every amount of the log is in one part only, so the parts add up to what was saved. The days roll up within seconds. */
const SAVED: Statement = {
  name: 'savings_by_source',
  text: `with d as (
      select coalesce(sum(saved_nano_usd), 0) as saved, coalesce(sum(saved_memory_nano_usd), 0) as memory,
        coalesce(sum(saved_in_flight_nano_usd), 0) as in_flight, coalesce(sum(saved_batch_nano_usd), 0) as batch,
        coalesce(sum(saved_cheaper_nano_usd), 0) as cheaper, coalesce(sum(saved_own_nano_usd), 0) as own,
        coalesce(sum(cache_hits), 0)::float8 as hits, coalesce(sum(in_flight_hits), 0)::float8 as joins
      from ai_daily_cost where day > (now() at time zone 'UTC')::date - $1::integer and simulated = $2)
    select s.source, s.requests, s.saved::text as saved from d cross join lateral (values
      ('memory', d.hits, d.memory), ('in_flight', d.joins, d.in_flight), ('batch', null, d.batch), ('cheaper_model', null, d.cheaper),
      ('own_model', null, d.own), ('other', null, d.saved - d.memory - d.in_flight - d.batch - d.cheaper - d.own)) s (source, requests, saved)
    where s.saved <> 0 order by s.saved desc, s.source`,
};

/**
 * Savings by source, most first; they add up to what was saved, exactly.
 * @param days the period, today (UTC) included, 1 to 366
 * @throws REQUEST_INVALID for a period out of range
 */
export async function readSavings(database: Database, days: number, simulated: boolean): Promise<SavedBy[]> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new AiCoreError('REQUEST_INVALID', `a period has 1 to ${MOST_DAYS} days`);
  const rows = await database.query<{ source: SavingSource; requests: number | null; saved: string }>(SAVED, [days, simulated]);
  return rows.map(({ source, requests, saved }) => ({ source, requests, savedNanoUsd: saved }));
}
