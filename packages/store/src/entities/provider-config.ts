import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Capabilities, Limits } from '@ai-core/core';

export const ProviderConfigEntity = defineEntity({
  name: 'ProviderConfigRow',
  tableName: 'ai_provider_config',
  properties: {
    id: p.uuid().primary().defaultRaw('gen_random_uuid()'),
    provider: p.text(),
    modelName: p.text(),
    kind: p.text().$type<'text' | 'audio'>(),
    tier: p.text().$type<'cheap' | 'normal' | 'premium'>(),
    costPerMillionTokens: p.decimal('number').precision(18).scale(9).nullable(),
    costPerRequest: p.decimal('number').precision(18).scale(9).nullable(),
    qualityScore: p.decimal('number').precision(4).scale(3).defaultRaw('0.5'),
    isActive: p.boolean().default(true),
    isDefault: p.boolean().default(false),
    maxTokens: p.integer().nullable(),
    maxOutputTokens: p.integer().nullable(),
    capabilities: p
      .json<Capabilities>()
      .defaultRaw(`'{}'::jsonb`)
      .onCreate(() => ({})),
    lifecycle: p.text().$type<'active' | 'deprecated' | 'retired'>().default('active'),
    shutdownDate: p.date().nullable(),
    successor: p.text().nullable(),
    limits: p
      .json<Limits>()
      .defaultRaw(`'{}'::jsonb`)
      .onCreate(() => ({})),
    trafficShare: p.integer().nullable(),
    baseUrl: p.text().nullable(),
    adminEdited: p
      .array<string>()
      .columnType('text[]')
      .defaultRaw(`'{}'`)
      .onCreate(() => []),
    createdAt: p.datetime().columnType('timestamptz').defaultRaw('now()'),
    updatedAt: p
      .datetime()
      .columnType('timestamptz')
      .defaultRaw('now()')
      .onUpdate(() => new Date()),
  },
});
