import { isDeepStrictEqual } from 'node:util';
import { CATALOGUE, listCatalogue, pricesOf, type CatalogueEntry, type CatalogueSet, type Rates } from '@ai-core/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { openDatabase } from './database.ts';
import { PriceEntity } from './entities/price.ts';
import { ProviderConfigEntity } from './entities/provider-config.ts';
import { createOrm } from './orm.ts';
import { refreshOrder } from './prices.ts';
import { toStoreError } from './store-error.ts';

export interface SetUpProvidersOptions {
  readonly databaseUrl: string;
  readonly catalogue: CatalogueSet;
  /** Says what would happen and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface SetUpConfiguration {
  readonly provider: string;
  readonly model: string;
  readonly kind: string;
  readonly tier: string;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly lifecycle: string;
  /** kept: it was there already, as the catalogue has it or as an admin wants it. */
  readonly outcome: 'created' | 'updated' | 'kept';
}

/**
 * Columns the catalogue has a say in. What an admin has edited stays as it is. The cost that orders the choice is not among them: once
 * a row exists it follows the prices in effect, which may have been imported since.
 */
const CATALOGUE_FIELDS = [
  'tier',
  'costPerRequest',
  'qualityScore',
  'isActive',
  'isDefault',
  'maxTokens',
  'maxOutputTokens',
  'capabilities',
  'lifecycle',
  'shutdownDate',
  'successor',
] as const;

function rateColumns(rates: Rates) {
  return {
    inputNanoUsd: rates.input,
    outputNanoUsd: rates.output,
    cachedInputNanoUsd: rates.cachedInput,
    cacheWriteNanoUsd: rates.cacheWrite,
    cacheWriteLongNanoUsd: rates.cacheWriteLong,
    charactersNanoUsd: rates.characters,
    audioOutputNanoUsd: rates.audioOutput,
  };
}

function longContextColumn(long: CatalogueEntry['prices'][number]['longContext']) {
  if (long === null) return null;
  const text = (rate: bigint | null): string | null => (rate === null ? null : String(rate));
  const { rates } = long;
  return {
    above: long.above,
    input: text(rates.input),
    output: text(rates.output),
    cached_input: text(rates.cachedInput),
    cache_write: text(rates.cacheWrite),
    cache_write_long: text(rates.cacheWriteLong),
    characters: text(rates.characters),
    audio_output: text(rates.audioOutput),
  };
}

/**
 * Creates the configurations of a catalogue set and brings those that exist up to date, with their prices. Admin edits stay;
 * price rows that exist are never changed.
 */
export async function setUpProviders(options: SetUpProvidersOptions): Promise<SetUpConfiguration[]> {
  const outcomes = await setUpCatalogue(options);
  if (options.dryRun === true) return outcomes;
  const database = openDatabase({ url: options.databaseUrl, maxConnections: 1, applicationName: 'ai-core setup' });
  try {
    await refreshOrder(database);
  } finally {
    await database.close();
  }
  return outcomes;
}

async function setUpCatalogue(options: SetUpProvidersOptions): Promise<SetUpConfiguration[]> {
  const orm = createOrm({ databaseUrl: options.databaseUrl });
  try {
    return await orm.em.fork().transactional(async (em) => {
      await em.execute(`select pg_advisory_xact_lock(hashtext('ai_core.setup_providers'))`);
      const [{ today } = { today: '' }] = await em.execute<{ today: string }[]>(
        `select to_char(now() at time zone 'UTC', 'YYYY-MM-DD') as today`,
      );
      const outcomes: SetUpConfiguration[] = [];
      for (const entry of listCatalogue(options.catalogue, today)) outcomes.push(await setUpOne(em, entry, options.dryRun ?? false));
      if (options.dryRun !== true) await setUpOtherPrices(em);
      await em.flush();
      return outcomes;
    });
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await orm.close(true);
  }
}

async function setUpOne(em: EntityManager, entry: CatalogueEntry, dryRun: boolean): Promise<SetUpConfiguration> {
  const { config } = entry;
  const existing = await em.findOne(ProviderConfigEntity, { provider: config.provider, modelName: config.modelName, kind: config.kind });
  const changed = CATALOGUE_FIELDS.filter(
    (field) => existing !== null && !existing.adminEdited.includes(field) && !isDeepStrictEqual(existing[field], config[field]),
  );
  const changes = Object.fromEntries(changed.map((field) => [field, config[field]]));
  if (!dryRun) {
    if (existing === null) {
      em.create(
        ProviderConfigEntity,
        { ...config, capabilities: { ...config.capabilities }, limits: { ...config.limits }, adminEdited: [] },
        { partial: true },
      );
    } else Object.assign(existing, changes);
    await setUpPrices(em, entry);
  }
  const row = { ...(existing ?? config), ...changes };
  return {
    provider: row.provider,
    model: row.modelName,
    kind: row.kind,
    tier: row.tier,
    isActive: row.isActive,
    isDefault: row.isDefault,
    lifecycle: row.lifecycle,
    outcome: existing === null ? 'created' : changed.length > 0 ? 'updated' : 'kept',
  };
}

/** A request may name any model of the catalogue, and a provider may answer with one: their prices must be known as well. */
async function setUpOtherPrices(em: EntityManager): Promise<void> {
  await em.flush();
  for (const model of CATALOGUE) await setUpPrices(em, { ...model, prices: pricesOf(model) });
}

async function setUpPrices(em: EntityManager, entry: Pick<CatalogueEntry, 'prices' | 'sources' | 'checkedOn'>): Promise<void> {
  for (const price of entry.prices) {
    const key = { provider: price.provider, modelName: price.modelName, effectiveFrom: price.effectiveFrom };
    if ((await em.count(PriceEntity, key)) > 0) continue;
    em.create(
      PriceEntity,
      {
        ...key,
        effectiveTo: price.effectiveTo,
        ...rateColumns(price.rates),
        perRequestNanoUsd: price.perRequestNanoUsd,
        batchBasisPoints: price.batchBasisPoints,
        longContext: longContextColumn(price.longContext),
        source: entry.sources.join('; '),
        checkedAt: entry.checkedOn,
      },
      { partial: true },
    );
  }
}
