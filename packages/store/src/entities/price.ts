import { defineEntity, p } from '@mikro-orm/postgresql';

const rate = () => p.bigint('bigint').nullable();

export interface LongContextJson {
  above: number;
  input?: string | null;
  output?: string | null;
  cached_input?: string | null;
  cache_write?: string | null;
  cache_write_long?: string | null;
  characters?: string | null;
  audio_output?: string | null;
}

export const PriceEntity = defineEntity({
  name: 'PriceRow',
  tableName: 'ai_price',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    provider: p.text(),
    modelName: p.text(),
    effectiveFrom: p.datetime().columnType('timestamptz'),
    effectiveTo: p.datetime().columnType('timestamptz').nullable(),
    inputNanoUsd: rate(),
    outputNanoUsd: rate(),
    cachedInputNanoUsd: rate(),
    cacheWriteNanoUsd: rate(),
    cacheWriteLongNanoUsd: rate(),
    charactersNanoUsd: rate(),
    audioOutputNanoUsd: rate(),
    perRequestNanoUsd: p.bigint('bigint').defaultRaw('0'),
    batchBasisPoints: p.integer().default(10_000),
    longContext: p.json<LongContextJson>().nullable(),
    source: p.text(),
    checkedAt: p.date().nullable(),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
  },
});
