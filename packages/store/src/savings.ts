/** What was not paid, and thanks to what. */
import { AiCoreError } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

export interface SavedBy {
  /** memory, in_flight, batch ... as the usage log has it. */
  readonly source: string;
  /** Rows that saved something this way. */
  readonly requests: number;
  /** Decimal string of nano-USD. */
  readonly savedNanoUsd: string;
}

const MOST_DAYS = 366;
const TODAY = `date_trunc('day', now() at time zone 'UTC')`;
/** The daily tables know what was saved, not by what; every row of the usage log names one source, so that none counts twice. */
const SAVED: Statement = {
  name: 'savings_by_source',
  text: `select coalesce(saved_source, 'other') as source, count(*)::float8 as requests, sum(saved_nano_usd)::text as saved
    from ai_usage_log where at >= (${TODAY} - ($1::integer - 1) * interval '1 day') at time zone 'UTC' and simulated = $2
      and saved_nano_usd <> 0
    group by 1 order by sum(saved_nano_usd) desc, 1`,
};

/**
 * Savings by source, most first; they add up to what the usage log says was saved.
 * @param days the period, today (UTC) included, 1 to 366
 * @throws REQUEST_INVALID for a period out of range
 */
export async function readSavings(database: Database, days: number, simulated: boolean): Promise<SavedBy[]> {
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new AiCoreError('REQUEST_INVALID', `a period has 1 to ${MOST_DAYS} days`);
  const rows = await database.query<{ source: string; requests: number; saved: string }>(SAVED, [days, simulated]);
  return rows.map(({ source, requests, saved }) => ({ source, requests, savedNanoUsd: saved }));
}
