/** What a day like those of late costs at the prices of a model that are dated. */
import { priceAt, priceUnits } from '@ai-core/core';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database, Statement } from './database.ts';

export interface ForecastQuestion {
  readonly provider: string;
  readonly modelName: string;
  readonly simulated: boolean;
}

/** Money in nano-USD; null = unpriced. */
export interface CostForecast {
  /** Of the last 30 days, those on which the model was called. */
  readonly days: number;
  readonly callsPerDay: number;
  /** The average of those days at the price in effect now. */
  readonly todayNanoUsd: bigint | null;
  /** The same at the price that is in effect when the next UTC day begins. */
  readonly tomorrowNanoUsd: bigint | null;
}

interface UnitsRow {
  readonly days: number;
  readonly calls: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly characters: number;
  readonly now: Date;
}

const TODAY = `(now() at time zone 'UTC')::date`;
const UNITS: Statement = {
  name: 'forecast_units',
  text: `select count(distinct day)::integer as days, coalesce(sum(paid_calls), 0)::float8 as calls, coalesce(sum(input_tokens), 0)::float8 as input,
      coalesce(sum(cached_tokens), 0)::float8 as cached, coalesce(sum(output_tokens), 0)::float8 as output,
      coalesce(sum(characters), 0)::float8 as characters, now() as now
    from ai_daily_cost where day > ${TODAY} - 30 and provider = $1 and model = $2 and simulated = $3 and paid_calls > 0`,
};
const DAY_MS = 86_400_000;

/** A forecast, not a bill: without discounts for batches and without prices of long contexts. */
export async function forecastCost(database: Database, { provider, modelName, simulated }: ForecastQuestion): Promise<CostForecast> {
  const [{ prices }, [units]] = await Promise.all([
    loadCatalogueSnapshot(database),
    database.query<UnitsRow>(UNITS, [provider, modelName, simulated]),
  ]);
  if (units === undefined || units.days === 0) return { days: 0, callsPerDay: 0, todayNanoUsd: null, tomorrowNanoUsd: null };
  const { days, now } = units;
  const perDay = (count: number): number => Math.round(count / days);
  const costAt = (at: Date): bigint | null => {
    const price = priceAt(prices, { provider, modelName, at });
    if (price === null) return null;
    return priceUnits(price, {
      input: perDay(Math.max(0, units.input - units.cached)),
      cached_input: perDay(units.cached),
      output: perDay(units.output),
      characters: perDay(units.characters),
      request: perDay(units.calls),
    });
  };
  const tomorrow = new Date((Math.floor(now.getTime() / DAY_MS) + 1) * DAY_MS);
  return { days, callsPerDay: perDay(units.calls), todayNanoUsd: costAt(now), tomorrowNanoUsd: costAt(tomorrow) };
}
