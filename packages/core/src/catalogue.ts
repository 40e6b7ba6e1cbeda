/**
 * The models AI Core knows: what they can do, what they cost from which day on, and when they end. Facts only; what may be
 * chosen is a row of ai_provider_config, which setup makes from here and an admin edits.
 */
import claude from './catalogue/claude.json' with { type: 'json' };
import elevenlabs from './catalogue/elevenlabs.json' with { type: 'json' };
import gemini from './catalogue/gemini.json' with { type: 'json' };
import googleTts from './catalogue/google-tts.json' with { type: 'json' };
import local from './catalogue/local-small-model.json' with { type: 'json' };
import openai from './catalogue/openai.json' with { type: 'json' };
import sets from './catalogue/sets.json' with { type: 'json' };
import { blendCost } from './blend-cost.ts';
import type { CatalogueModel, CataloguePrice, CatalogueSet } from './catalogue-schema.ts';
import type { ProviderConfig } from './model.ts';
import { priceAt } from './price-at.ts';
import type { Price, Rates } from './price.ts';

export const CATALOGUE_SETS = Object.keys(sets) as CatalogueSet[];

/** Every model with known facts, also those of no set. catalogue.test.ts proves that the files have this shape. */
export const CATALOGUE: readonly CatalogueModel[] = [
  ...openai,
  ...gemini,
  ...claude,
  ...elevenlabs,
  ...googleTts,
  ...local,
] as CatalogueModel[];

const BY_NAME: ReadonlyMap<string, CatalogueModel> = new Map(CATALOGUE.map((model) => [`${model.provider}/${model.modelName}`, model]));

/** A model of a set, as setup writes it. */
export interface CatalogueEntry {
  readonly config: Omit<ProviderConfig, 'id'>;
  readonly prices: readonly Omit<Price, 'id'>[];
  readonly sources: readonly string[];
  /** UTC day YYYY-MM-DD on which the facts were looked up. */
  readonly checkedOn: string;
  readonly note: string | null;
}

/** @returns the facts about a model, undefined when the catalogue has none */
export function findCatalogueModel(provider: string, modelName: string): CatalogueModel | undefined {
  return BY_NAME.get(`${provider}/${modelName}`);
}

/**
 * @param today UTC day YYYY-MM-DD
 * @returns true when the model cannot be called any more
 */
export function isGone(model: Pick<ProviderConfig, 'lifecycle' | 'shutdownDate'>, today: string): boolean {
  return model.lifecycle === 'retired' || (model.shutdownDate !== null && model.shutdownDate <= today);
}

function toRate(nanoUsd: string | null): bigint | null {
  return nanoUsd === null ? null : BigInt(nanoUsd);
}

function toRates(rates: CataloguePrice['rates']): Rates {
  return {
    input: toRate(rates.input),
    output: toRate(rates.output),
    cachedInput: toRate(rates.cachedInput),
    cacheWrite: toRate(rates.cacheWrite),
    cacheWriteLong: toRate(rates.cacheWriteLong),
    characters: toRate(rates.characters),
    audioOutput: toRate(rates.audioOutput),
  };
}

/** The prices of a catalogue model, oldest first. Days begin at midnight UTC. */
export function pricesOf(model: CatalogueModel): Omit<Price, 'id'>[] {
  return model.prices.map((price) => ({
    provider: model.provider,
    modelName: model.modelName,
    effectiveFrom: new Date(price.effectiveFrom),
    effectiveTo: price.effectiveTo === null ? null : new Date(price.effectiveTo),
    rates: toRates(price.rates),
    perRequestNanoUsd: BigInt(price.perRequestNanoUsd),
    batchBasisPoints: price.batchBasisPoints,
    longContext: price.longContext === null ? null : { above: price.longContext.above, rates: toRates(price.longContext.rates) },
  }));
}

/**
 * A catalogue model as a configuration: active unless it is gone, ordered by the price in effect on that day.
 * @param today UTC day YYYY-MM-DD
 */
export function configOf(model: CatalogueModel, today: string): Omit<ProviderConfig, 'id'> {
  const prices = pricesOf(model).map((price) => ({ ...price, id: '' }));
  const price = priceAt(prices, { provider: model.provider, modelName: model.modelName, at: new Date(today) });
  return {
    provider: model.provider,
    modelName: model.modelName,
    kind: model.kind,
    tier: model.tier,
    costPerMillionTokens: price === null ? null : blendCost(price.rates),
    costPerRequest: null,
    qualityScore: model.qualityScore,
    isActive: !isGone(model, today),
    isDefault: false,
    maxTokens: model.maxTokens,
    maxOutputTokens: model.maxOutputTokens,
    capabilities: model.capabilities,
    lifecycle: model.lifecycle,
    shutdownDate: model.shutdownDate,
    successor: model.successor,
    limits: {},
    trafficShare: null,
    baseUrl: null,
  };
}

/**
 * The models of one set.
 * @param today UTC day YYYY-MM-DD: decides which are still there and which price orders them
 */
export function listCatalogue(set: CatalogueSet, today: string): CatalogueEntry[] {
  return sets[set].map(({ provider, modelName, isDefault }) => {
    const model = findCatalogueModel(provider, modelName);
    if (model === undefined) throw new TypeError(`the set ${set} names ${provider}/${modelName}, which no catalogue file describes`);
    return {
      config: { ...configOf(model, today), isDefault },
      prices: pricesOf(model),
      sources: model.sources,
      checkedOn: model.checkedOn,
      note: model.note ?? null,
    };
  });
}
