import { AiCoreError, blendCost, priceAt, type Price, type Rates } from '@ai-core/core';
import type pg from 'pg';
import { perform, type Act } from './act.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database, Statement } from './database.ts';

/** A row of ai_price with where it comes from. */
export interface ListedPrice extends Price {
  readonly source: string;
  /** UTC day YYYY-MM-DD on which somebody looked it up. */
  readonly checkedOn: string | null;
  /** True for the row of its model that is in effect now. */
  readonly isInEffect: boolean;
}

const SOURCES: Statement = {
  name: 'price_sources',
  text: `select id, source, to_char(checked_at, 'YYYY-MM-DD') as checked_on, clock_timestamp() as now from ai_price`,
};

export interface PriceFilter {
  readonly provider?: string | undefined;
  readonly modelName?: string | undefined;
}

/** Every price there is and was and will be, by model, oldest first. */
export async function listPrices(database: Database, filter: PriceFilter = {}): Promise<ListedPrice[]> {
  const { prices } = await loadCatalogueSnapshot(database);
  const rows = await database.query<{ id: string; source: string; checked_on: string | null; now: Date }>(SOURCES);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return prices
    .filter(({ provider, modelName }) => provider === (filter.provider ?? provider) && modelName === (filter.modelName ?? modelName))
    .map((price) => {
      const row = byId.get(price.id);
      const isInEffect = priceAt(prices, { ...price, at: row?.now ?? new Date(0) })?.id === price.id;
      return { ...price, source: row?.source ?? '', checkedOn: row?.checked_on ?? null, isInEffect };
    })
    .toSorted(
      (one, two) =>
        `${one.provider}/${one.modelName}`.localeCompare(`${two.provider}/${two.modelName}`, 'en') ||
        one.effectiveFrom.getTime() - two.effectiveFrom.getTime(),
    );
}

function text(rate: bigint | null): string | null {
  return rate === null ? null : String(rate);
}

function ratesJson(rates: Rates): object {
  return {
    input: text(rates.input),
    output: text(rates.output),
    cached_input: text(rates.cachedInput),
    cache_write: text(rates.cacheWrite),
    cache_write_long: text(rates.cacheWriteLong),
    characters: text(rates.characters),
    audio_output: text(rates.audioOutput),
  };
}

const INSERT = `insert into ai_price (provider, model_name, effective_from, effective_to, input_nano_usd, output_nano_usd,
    cached_input_nano_usd, cache_write_nano_usd, cache_write_long_nano_usd, characters_nano_usd, audio_output_nano_usd,
    per_request_nano_usd, batch_basis_points, long_context, source, checked_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, (clock_timestamp() at time zone 'UTC')::date)
  on conflict do nothing returning id`;

async function insertPrice(client: pg.PoolClient, price: Omit<Price, 'id'>, source: string): Promise<string> {
  const { rates, longContext } = price;
  const { rows } = await client.query<{ id: string }>(INSERT, [
    price.provider,
    price.modelName,
    price.effectiveFrom,
    price.effectiveTo,
    text(rates.input),
    text(rates.output),
    text(rates.cachedInput),
    text(rates.cacheWrite),
    text(rates.cacheWriteLong),
    text(rates.characters),
    text(rates.audioOutput),
    String(price.perRequestNanoUsd),
    price.batchBasisPoints,
    longContext === null ? null : JSON.stringify({ above: longContext.above, ...ratesJson(longContext.rates) }),
    source,
  ]);
  const [row] = rows;
  if (row !== undefined) return row.id;
  throw new AiCoreError(
    'REQUEST_INVALID',
    `${price.provider}/${price.modelName} has a price from ${price.effectiveFrom.toISOString()} on already; prices are never changed, ` +
      'choose another moment',
  );
}

/**
 * Adds dated prices; rows that exist are never changed. What the models are ordered by follows, unless an admin has set it.
 * @param source where the prices come from, for the row
 * @returns the ids of the rows
 * @throws REQUEST_INVALID when a model has a price of the same moment; then none is written
 */
export function addPrices(act: Act, prices: readonly Omit<Price, 'id'>[], source: string): Promise<string[]> {
  return perform(act, async ({ client, record }) => {
    const ids: string[] = [];
    for (const price of prices) {
      ids.push(await insertPrice(client, price, source));
      await record({
        action: 'price.added',
        subject: `${price.provider}/${price.modelName}`,
        after: {
          effective_from: price.effectiveFrom,
          ...ratesJson(price.rates),
          per_request: String(price.perRequestNanoUsd),
          batch_basis_points: price.batchBasisPoints,
          source,
        },
      });
    }
    await client.query(`select pg_advisory_xact_lock(hashtext('ai_core.setup_providers'))`);
    await orderByPrices(client);
    return ids;
  });
}

interface OrderedConfig {
  readonly id: string;
  readonly provider: string;
  readonly model_name: string;
  readonly cost: number | null;
  readonly now: Date;
}

/** Brings what configurations are ordered by in line with the prices in effect now. */
async function orderByPrices(client: pg.PoolClient): Promise<number> {
  const { prices } = await loadCatalogueSnapshot({ query: async (statement) => (await client.query(statement.text)).rows as never });
  const { rows } = await client.query<OrderedConfig>(
    `select id, provider, model_name, cost_per_million_tokens::float8 as cost, clock_timestamp() as now from ai_provider_config
     where not 'costPerMillionTokens' = any (admin_edited) order by id`,
  );
  let changed = 0;
  for (const row of rows) {
    const price = priceAt(prices, { provider: row.provider, modelName: row.model_name, at: row.now });
    const cost = price === null ? null : blendCost(price.rates);
    if (cost === null || cost === row.cost) continue;
    await client.query('update ai_provider_config set cost_per_million_tokens = $2, updated_at = clock_timestamp() where id = $1', [
      row.id,
      cost,
    ]);
    changed++;
  }
  return changed;
}

/** Orders configurations by the prices that are in effect today: a price that was planned for today counts from now on. @returns how many changed */
export function refreshOrder(database: Database): Promise<number> {
  return database.transaction(async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('ai_core.setup_providers'))`);
    return orderByPrices(client);
  });
}
