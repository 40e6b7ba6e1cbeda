import { describe, expect, it } from 'vitest';
import type { PriceOffer } from './price-offer.ts';
import type { Price } from './price.ts';
import { proposePrices } from './propose-prices.ts';
import { isGenaiPrices, readGenaiPrices } from './read-genai-prices.ts';
import { isLitellmPrices, readLitellmPrices } from './read-litellm-prices.ts';

const NOW = new Date('2026-11-24T10:00:00Z');
const known = new Set(['openai/gpt-x', 'claude/claude-x', 'gemini/gemini-x', 'elevenlabs/voice-x']);

const PRICE: Price = {
  id: 'one',
  provider: 'openai',
  modelName: 'gpt-x',
  effectiveFrom: new Date('2026-01-01'),
  effectiveTo: null,
  rates: {
    input: 1_000_000_000n,
    output: 4_000_000_000n,
    cachedInput: 100_000_000n,
    cacheWrite: null,
    cacheWriteLong: null,
    characters: null,
    audioOutput: null,
  },
  perRequestNanoUsd: 0n,
  batchBasisPoints: 5_000,
  longContext: null,
};

const offer = (changes: Partial<PriceOffer> = {}): PriceOffer => ({
  provider: 'openai',
  modelName: 'gpt-x',
  effectiveFrom: null,
  rates: { input: 1_000_000_000n, output: 4_000_000_000n },
  deprecatedOn: null,
  ...changes,
});
const propose = (...offers: PriceOffer[]) => proposePrices({ offers, prices: [PRICE], known, from: NOW });

describe('LiteLLM’s map', () => {
  const map = {
    sample_spec: { mode: 'one of: chat, embedding', litellm_provider: 'one of https://docs' },
    'gpt-x': {
      litellm_provider: 'openai',
      mode: 'chat',
      input_cost_per_token: 1.5e-7,
      output_cost_per_token: 6e-7,
      cache_read_input_token_cost: 7.5e-8,
      input_cost_per_token_batches: 7.5e-8,
      deprecation_date: '2026-11-01',
    },
    'gemini/gemini-x': {
      litellm_provider: 'gemini',
      mode: 'chat',
      input_cost_per_token: 1.25e-6,
      output_cost_per_token: 1e-5,
      input_cost_per_token_above_200k_tokens: 2.5e-6,
      output_cost_per_token_above_200k_tokens: 1.5e-5,
    },
    'elevenlabs/voice-x': { litellm_provider: 'elevenlabs', mode: 'audio_speech', input_cost_per_character: 1e-4 },
    'text-embedding': { litellm_provider: 'openai', mode: 'embedding', input_cost_per_token: 2e-8 },
    'azure/gpt-x': { litellm_provider: 'azure', mode: 'chat', input_cost_per_token: 1 },
    broken: { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: 'free' },
  };

  it('is read to the nano-dollar, with batch share, long context and last day', () => {
    expect(isLitellmPrices(map)).toBe(true);
    expect(readLitellmPrices(map)).toEqual([
      {
        provider: 'openai',
        modelName: 'gpt-x',
        effectiveFrom: null,
        rates: { input: 150_000_000n, output: 600_000_000n, cachedInput: 75_000_000n },
        batchBasisPoints: 5_000,
        longContext: undefined,
        deprecatedOn: '2026-11-01',
      },
      {
        provider: 'gemini',
        modelName: 'gemini-x',
        effectiveFrom: null,
        rates: { input: 1_250_000_000n, output: 10_000_000_000n },
        batchBasisPoints: undefined,
        longContext: { above: 200_000, rates: { input: 2_500_000_000n, output: 15_000_000_000n } },
        deprecatedOn: null,
      },
      {
        provider: 'elevenlabs',
        modelName: 'voice-x',
        effectiveFrom: null,
        rates: { characters: 100_000_000_000n },
        batchBasisPoints: undefined,
        longContext: undefined,
        deprecatedOn: null,
      },
    ]);
  });
});

describe('the data of genai-prices', () => {
  const data = [
    {
      id: 'anthropic',
      models: [
        {
          id: 'claude-x',
          match: { or: [{ equals: 'claude-x' }, { equals: 'claude-x-latest' }, { starts_with: 'claude' }] },
          prices: [
            { prices: { input_mtok: 3, output_mtok: 15 } },
            {
              constraint: { type: 'start_date', start_date: '2027-01-01' },
              prices: { input_mtok: { base: 6, tiers: [{ start: 200_000, price: 12 }] }, output_mtok: 30, requests_kcount: 5 },
            },
          ],
        },
        {
          id: 'by-the-hour',
          match: {},
          prices: [{ constraint: { type: 'time_of_date', start_time: '00:00' }, prices: { input_mtok: 1 } }],
        },
      ],
    },
    { id: 'acme', models: [{ id: 'acme-1', match: {}, prices: { input_mtok: 1 } }] },
  ];

  it('is read with its dates and tiers, under each name that means the model alone', () => {
    expect(isGenaiPrices(data)).toBe(true);
    const offers = readGenaiPrices(data);
    expect(offers.map(({ modelName, effectiveFrom }) => [modelName, effectiveFrom?.toISOString().slice(0, 10)])).toEqual([
      ['claude-x', undefined],
      ['claude-x-latest', undefined],
      ['claude-x', '2027-01-01'],
      ['claude-x-latest', '2027-01-01'],
    ]);
    expect(offers[2]).toMatchObject({
      provider: 'claude',
      rates: { input: 6_000_000_000n, output: 30_000_000_000n },
      longContext: { above: 200_000, rates: { input: 12_000_000_000n } },
      perRequestNanoUsd: 5_000_000n,
    });
  });

  it('is told from the other list', () => {
    expect(isLitellmPrices(data)).toBe(false);
    expect(isGenaiPrices({ 'gpt-x': { litellm_provider: 'openai' } })).toBe(false);
    expect(isGenaiPrices('prices')).toBe(false);
  });
});

describe('proposePrices', () => {
  it('proposes nothing where the list says what is known', () => {
    expect(propose(offer())).toEqual({ proposals: [], same: 1, unknownModels: [] });
  });

  it('proposes a row from now on that keeps what the list does not speak of', () => {
    const { proposals } = propose(offer({ rates: { input: 1_100_000_000n } }));
    expect(proposals).toMatchObject([{ flags: [], changes: [{ unit: 'input', from: 1_000_000_000n, to: 1_100_000_000n }] }]);
    expect(proposals[0]?.price).toMatchObject({ effectiveFrom: NOW, batchBasisPoints: 5_000, rates: { cachedInput: 100_000_000n } });
  });

  it.each([
    [1_200_000_000n, []],
    [1_200_000_001n, ['jump']],
    [800_000_000n, []],
    [799_999_999n, ['jump']],
    [0n, ['jump']],
  ])('flags an input rate of %s as %j', (input, flags) => {
    expect(propose(offer({ rates: { input } })).proposals[0]?.flags).toEqual(flags);
  });

  it('takes of several dates the one in effect and those to come, and never writes into the past', () => {
    const at = (day: string, input: bigint) => offer({ effectiveFrom: new Date(day), rates: { input } });
    const { proposals } = propose(at('2025-01-01', 5n), at('2026-06-01', 1_050_000_000n), at('2027-01-01', 1_060_000_000n));
    expect(proposals.map(({ price }) => [price.effectiveFrom, price.rates.input])).toEqual([
      [NOW, 1_050_000_000n],
      [new Date('2027-01-01'), 1_060_000_000n],
    ]);
  });

  it('flags a moment that has a row already, and a last day that has passed', () => {
    const taken = proposePrices({ offers: [offer({ rates: { input: 2n } })], prices: [PRICE], known, from: PRICE.effectiveFrom });
    expect(taken.proposals[0]?.flags).toContain('moment_taken');
    expect(propose(offer({ deprecatedOn: '2026-11-24' })).proposals).toMatchObject([{ flags: ['past_deprecation'], changes: [] }]);
    expect(propose(offer({ deprecatedOn: '2026-11-25' })).same).toBe(1);
  });

  it('names models it does not know and proposes nothing for them', () => {
    expect(propose(offer({ modelName: 'gpt-new' }))).toEqual({ proposals: [], same: 0, unknownModels: ['openai/gpt-new'] });
  });
});
