import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CATALOGUE, CATALOGUE_SETS, configOf, findCatalogueModel, isGone, listCatalogue, pricesOf } from './catalogue.ts';
import { CatalogueModelSchema, CatalogueSetsSchema } from './catalogue-schema.ts';
import sets from './catalogue/sets.json' with { type: 'json' };
import { computeCost } from './compute-cost.ts';
import { priceAt } from './price-at.ts';
import { queueOf } from './provider-facts.ts';
import { NO_USAGE } from './usage.ts';

const TODAY = '2026-11-24';
const nameOf = (model: { provider: string; modelName: string }): string => `${model.provider}/${model.modelName}`;
const listed = (set: 'current' | 'seed') => listCatalogue(set, TODAY).map(({ config }) => ({ name: nameOf(config), ...config }));

function costOf(name: [provider: string, modelName: string], tokens: object, at = '2026-11-24'): bigint | null {
  const model = findCatalogueModel(...name);
  if (model === undefined) throw new Error(`${name.join('/')} is not in the catalogue`);
  const prices = pricesOf(model).map((price) => ({ ...price, id: '' }));
  return computeCost({ ...NO_USAGE, ...tokens }, priceAt(prices, { provider: name[0], modelName: name[1], at: new Date(at) })).nanoUsd;
}

describe('the catalogue files', () => {
  it('have the shape they are typed with', () => {
    expect(() => z.array(CatalogueModelSchema).parse(CATALOGUE)).not.toThrow();
    expect(() => CatalogueSetsSchema.parse(sets)).not.toThrow();
  });

  it('name each model once, under a provider that does its kind of work', () => {
    expect(new Set(CATALOGUE.map(nameOf)).size).toBe(CATALOGUE.length);
    for (const model of CATALOGUE) expect(queueOf(model.provider, model.kind), nameOf(model)).toBeDefined();
  });

  it('name successors that are in the catalogue themselves and not gone, and a day for all that ends', () => {
    for (const model of CATALOGUE.filter(({ successor }) => successor !== null)) {
      const [provider, name] = model.successor?.includes('/') ? model.successor.split('/') : [model.provider, model.successor];
      const successor = findCatalogueModel(provider ?? '', name ?? '');
      expect(successor, nameOf(model)).toBeDefined();
      expect(successor !== undefined && isGone(successor, TODAY), nameOf(model)).toBe(false);
    }
    for (const model of CATALOGUE.filter(({ lifecycle }) => lifecycle !== 'active')) {
      expect([model.shutdownDate, model.successor], nameOf(model)).not.toContain(null);
      expect(model.lifecycle === 'retired', nameOf(model)).toBe((model.shutdownDate ?? '') <= model.checkedOn);
    }
  });

  it('have prices without gap or overlap, and a rate for what each kind of model is billed by', () => {
    for (const model of CATALOGUE) {
      model.prices.forEach((price, index) => expect(price.effectiveTo, nameOf(model)).toBe(model.prices[index + 1]?.effectiveFrom ?? null));
      for (const { rates } of model.prices) {
        const billed = model.kind === 'text' ? [rates.input, rates.output] : [rates.characters ?? rates.audioOutput];
        expect(billed, nameOf(model)).not.toContain(null);
      }
    }
    expect(CATALOGUE.filter(({ prices }) => prices.length === 0).map(nameOf)).toEqual(['gemini/gemini-2.0-pro-exp']);
  });

  it('give long requests dearer rates than short ones', () => {
    for (const price of CATALOGUE.flatMap(({ prices }) => prices).filter(({ longContext }) => longContext !== null)) {
      for (const unit of ['input', 'output'] as const)
        expect(BigInt(price.longContext?.rates[unit] ?? 0)).toBeGreaterThan(BigInt(price.rates[unit] ?? 0));
    }
  });

  it('give every voice engine an input limit and a voice for each language it lists', () => {
    for (const { capabilities, kind, ...model } of CATALOGUE) {
      if (kind !== 'audio') continue;
      expect(capabilities.inputLimit, nameOf(model)).toBeDefined();
      const voices = capabilities.defaultVoices;
      for (const language of capabilities.languages ?? [])
        expect(voices?.[language] ?? voices?.['*'], `${nameOf(model)} ${language}`).toBeDefined();
    }
  });

  it('say that no Claude model takes a temperature', () => {
    for (const { capabilities } of CATALOGUE.filter(({ provider }) => provider === 'claude')) expect(capabilities.temperature).toBe(false);
  });
});

describe('listCatalogue', () => {
  it('has two sets of eleven', () => {
    expect(CATALOGUE_SETS).toEqual(['current', 'seed']);
    for (const set of CATALOGUE_SETS) expect(listCatalogue(set, TODAY)).toHaveLength(11);
  });

  it('lists the current set, all of it usable, with one default per kind and tier', () => {
    const current = listed('current');
    expect(current.map(({ name, tier }) => `${name} ${tier}`)).toEqual([
      'openai/gpt-6-luna cheap',
      'openai/gpt-6.1-terra normal',
      'openai/gpt-6.1-sol premium',
      'gemini/gemini-3.5-flash-lite cheap',
      'gemini/gemini-3.8-flash normal',
      'claude/claude-haiku-5-5 cheap',
      'claude/claude-sonnet-5-5 normal',
      'claude/claude-opus-5-5 premium',
      'elevenlabs/eleven_multilingual_v2 normal',
      'google_tts/neural2 cheap',
      'gemini/gemini-3.8-flash-lite-tts cheap',
    ]);
    expect(current.every(({ isActive, lifecycle }) => isActive && lifecycle === 'active')).toBe(true);
    const defaults = current.filter(({ isDefault }) => isDefault).map(({ kind, tier }) => `${kind} ${tier}`);
    expect(defaults.toSorted()).toEqual(['audio cheap', 'audio normal', 'text cheap', 'text normal', 'text premium']);
  });

  it('lists the seed set as it was described, with retired models switched off', () => {
    expect(listed('seed').map(({ name, tier, isActive }) => `${name} ${tier} ${isActive}`)).toEqual([
      'openai/gpt-4o-mini cheap true',
      'openai/gpt-4o normal true',
      'openai/gpt-4-turbo premium false',
      'gemini/gemini-1.5-flash cheap false',
      'gemini/gemini-1.5-pro normal false',
      'gemini/gemini-2.0-pro-exp premium false',
      'claude/claude-3-haiku cheap false',
      'claude/claude-3-5-sonnet premium false',
      'elevenlabs/eleven_multilingual_v2 normal true',
      'openai/tts-1 cheap true',
      'google_tts/neural2 cheap true',
    ]);
  });

  it('switches models off on their last day', () => {
    const isActive = (day: string) => listCatalogue('seed', day).find(({ config }) => config.modelName === 'gpt-4o')?.config.isActive;
    expect([isActive('2027-01-13'), isActive('2027-01-14')]).toEqual([true, false]);
  });

  it('carries sources and the day they were read with every entry', () => {
    for (const { sources, checkedOn } of listCatalogue('current', TODAY)) {
      expect(sources.length).toBeGreaterThan(0);
      expect(checkedOn).toBe('2026-11-22');
    }
  });
});

describe('the prices', () => {
  const million = { inputTokens: 1_000_000, outputTokens: 1_000_000 };

  it.each([
    ['openai', 'gpt-6.1-terra', { inputTokens: 200_000, outputTokens: 100_000 }, 200_000_000n + 500_000_000n],
    ['openai', 'gpt-6-luna', million, 200_000_000n + 750_000_000n],
    ['gemini', 'gemini-3.5-flash-lite', million, 2_800_000_000n],
    ['claude', 'claude-sonnet-5-5', million, 12_000_000_000n],
    ['claude', 'claude-opus-5-5', { inputTokens: 1000, cacheReadTokens: 1000 }, 200_000n],
    ['elevenlabs', 'eleven_multilingual_v2', { characters: 1000 }, 100_000_000n],
    ['google_tts', 'neural2', { characters: 1000 }, 16_000_000n],
    ['gemini', 'gemini-3.8-flash-lite-tts', { inputTokens: 1000, audioOutputTokens: 1000 }, 500_000n + 6_000_000n],
    ['local_small_model', 'zporta_v1', million, 0n],
  ] as const)('bill %s/%s by its published rates', (provider, model, tokens, nanoUsd) => {
    expect(costOf([provider, model], tokens)).toBe(nanoUsd);
  });

  it('double for gemini-3.8-flash on 2027-01-01', () => {
    expect(costOf(['gemini', 'gemini-3.8-flash'], million, '2026-12-31T23:59:59Z')).toBe(4_500_000_000n);
    expect(costOf(['gemini', 'gemini-3.8-flash'], million, '2027-01-01T00:00:00Z')).toBe(9_000_000_000n);
  });

  it('are five times as high for all of a claude-haiku-5-5 request above 100,000 tokens', () => {
    const name: [string, string] = ['claude', 'claude-haiku-5-5'];
    expect(costOf(name, { inputTokens: 100_000, outputTokens: 1000 })).toBe(10_500_000n);
    expect(costOf(name, { inputTokens: 100_001, outputTokens: 1000 })).toBe(52_500_500n);
  });

  it('halve for text batches only', () => {
    expect(costOf(['claude', 'claude-sonnet-5-5'], { ...million, batch: true })).toBe(6_000_000_000n);
    expect(costOf(['elevenlabs', 'eleven_v3'], { characters: 10, batch: true })).toBe(
      costOf(['elevenlabs', 'eleven_v3'], { characters: 10 }),
    );
  });

  it('are unknown where none was ever published', () => {
    expect(costOf(['gemini', 'gemini-2.0-pro-exp'], million)).toBeNull();
    expect(costOf(['gemini', 'gemini-3.8-flash-tts'], { inputTokens: 1, audioOutputTokens: 1 })).toBeNull();
  });

  it('order models by three of input to one of output, and speech by a million characters', () => {
    const order = (provider: string, modelName: string, day = TODAY) => {
      const model = findCatalogueModel(provider, modelName);
      return model === undefined ? undefined : configOf(model, day).costPerMillionTokens;
    };
    expect(order('openai', 'gpt-6-luna')).toBe(0.2);
    expect(order('claude', 'claude-haiku-5-5')).toBe(0.2);
    expect(order('gemini', 'gemini-3.8-flash')).toBe(1.5);
    expect(order('gemini', 'gemini-3.8-flash', '2027-01-01')).toBe(3);
    expect(order('elevenlabs', 'eleven_multilingual_v2')).toBe(100);
    expect(order('openai', 'gpt-4o-mini-tts')).toBe(20.15);
    expect(order('gemini', 'gemini-2.0-pro-exp')).toBeNull();
    expect(order('local_small_model', 'zporta_v1')).toBe(0);
  });
});
