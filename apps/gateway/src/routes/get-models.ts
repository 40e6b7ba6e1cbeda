import { formatMoney, isGone, isModelAllowed, narrowingOf, priceAt, queueOf, TIERS, type ProviderConfig, type Rates } from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';
import { z } from 'zod';
import { AUTO_NAMES } from '../openai/find-model.ts';
import { LOOK_TIMEOUT_MS, OPENAI_ERROR_RESPONSES } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

const usd = z.string().nullable().describe('US dollars per million units');

const PricesSchema = z.object({
  input: usd,
  cached_input: usd,
  output: usd,
  characters: usd,
  audio_output: usd,
  per_request: z.string().describe('US dollars'),
});

const ModelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  kind: z.enum(['text', 'audio']),
  provider: z.string().nullable().describe('null: AI Core chooses'),
  model: z.string().nullable(),
  tier: z.enum(TIERS).nullable(),
  is_default: z.boolean(),
  quality_score: z.number().nullable(),
  context_tokens: z.int().nullable(),
  max_output_tokens: z.int().nullable(),
  languages: z.array(z.string()).nullable().describe('null: every language'),
  voices: z.record(z.string(), z.string()).describe('default voice by language; * is any other'),
  lifecycle: z.string(),
  shutdown_date: z.string().nullable(),
  successor: z.string().nullable(),
  prices: PricesSchema.nullable().describe('null: not known'),
  available: z.boolean().describe('a request for it would be accepted now'),
});
type Model = z.infer<typeof ModelSchema>;

function toPrices(rates: Rates, perRequestNanoUsd: bigint): z.infer<typeof PricesSchema> {
  const show = (rate: bigint | null): string | null => (rate === null ? null : formatMoney(rate));
  return {
    input: show(rates.input),
    cached_input: show(rates.cachedInput),
    output: show(rates.output),
    characters: show(rates.characters),
    audio_output: show(rates.audioOutput),
    per_request: formatMoney(perRequestNanoUsd),
  };
}

function isAvailable(config: ProviderConfig, { servedQueues, openCircuits, today }: CatalogueSnapshot): boolean {
  const queue = queueOf(config.provider, config.kind);
  return config.isActive && !isGone(config, today) && queue !== undefined && servedQueues.has(queue) && !openCircuits.has(config.provider);
}

function toModel(config: ProviderConfig, snapshot: CatalogueSnapshot): Model {
  const price = priceAt(snapshot.prices, { provider: config.provider, modelName: config.modelName, at: new Date() });
  return {
    id: config.modelName,
    object: 'model',
    created: 0,
    owned_by: config.provider,
    kind: config.kind,
    provider: config.provider,
    model: config.modelName,
    tier: config.tier,
    is_default: config.isDefault,
    quality_score: config.qualityScore,
    context_tokens: config.maxTokens,
    max_output_tokens: config.maxOutputTokens,
    languages: config.capabilities.languages ?? null,
    voices: config.capabilities.defaultVoices ?? {},
    lifecycle: config.lifecycle,
    shutdown_date: config.shutdownDate,
    successor: config.successor,
    prices: price === null ? null : toPrices(price.rates, price.perRequestNanoUsd),
    available: isAvailable(config, snapshot),
  };
}

/** The names under which AI Core chooses, as entries of the list. */
function autoModels(models: readonly Model[]): Model[] {
  return AUTO_NAMES.map((id) => {
    const tier = TIERS.find((known) => id.endsWith(`:${known}`)) ?? null;
    return {
      id,
      object: 'model',
      created: 0,
      owned_by: 'ai-core',
      kind: 'text',
      provider: null,
      model: null,
      tier,
      is_default: id === AUTO_NAMES[0],
      quality_score: null,
      context_tokens: null,
      max_output_tokens: null,
      languages: null,
      voices: {},
      lifecycle: 'active',
      shutdown_date: null,
      successor: null,
      prices: null,
      // A tier without a model of its own is served by the next dearer one.
      available: models.some((model) => model.kind === 'text' && model.available),
    };
  });
}

export const getModels = declareRoute({
  method: 'GET',
  path: '/v1/models',
  need: 'app',
  scope: 'nothing',
  tag: 'openai',
  about: "The models there are, in the shape of OpenAI's list and with what a drop-down needs",
  errors: 'openai',
  query: z.strictObject({
    user_category: z.string().min(1).max(200).optional().describe('only what this category of users may use'),
    kind: z.enum(['text', 'audio']).optional(),
  }),
  responses: {
    200: { about: 'the list', schema: z.object({ object: z.literal('list'), data: z.array(ModelSchema) }) },
    ...OPENAI_ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, query }) {
    const snapshot = await services.snapshots.get();
    const narrowing = narrowingOf(snapshot.categories, query.user_category);
    const models = snapshot.configs
      .filter((config) => query.kind === undefined || config.kind === query.kind)
      .filter((config) => narrowing.allowedTiers === null || narrowing.allowedTiers.includes(config.tier))
      .filter((config) => isModelAllowed(config, narrowing))
      .map((config) => toModel(config, snapshot))
      .toSorted((one, two) => one.kind.localeCompare(two.kind, 'en') || one.id.localeCompare(two.id, 'en'));
    return { object: 'list', data: [...(query.kind === 'audio' ? [] : autoModels(models)), ...models] };
  },
});
