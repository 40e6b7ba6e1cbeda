import { NO_USAGE } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import { compareScenarios, findReplayFaults, GUIDE, type ReplayCounts } from './compare-scenarios.ts';
import { planMonth } from './plan-month.ts';
import { priceCalls, withoutChoice } from './price-calls.ts';
import { splitSavings } from './split-savings.ts';

const AT = new Date('2026-11-24T00:00:00Z');
const DOLLAR = 1_000_000_000n;

describe('the table of scenarios', () => {
  it('says hit rate and what is saved against the first one', () => {
    const rows = compareScenarios([
      { name: 'without AI Core', requests: 1_000, apiCalls: 1_000, hits: 0, costNanoUsd: 20n * DOLLAR },
      { name: 'with memory and selection', requests: 1_000, apiCalls: 200, hits: 800, costNanoUsd: 5n * DOLLAR },
    ]);
    expect(rows.map(({ hitRate, savedShare }) => [hitRate, savedShare])).toEqual([
      [0, 0],
      [0.8, 0.75],
    ]);
  });

  it('has the guide’s claims follow from its own amounts', () => {
    for (const row of GUIDE) {
      expect(row.savedShare).toBeCloseTo(1 - Number(row.costNanoUsd) / 200e9, 2 - 0.5);
      if (row.apiCalls < row.requests) expect(row.hitRate).toBe(1 - row.apiCalls / row.requests);
    }
  });
});

describe('a replay', () => {
  const month = planMonth({ requests: 100, seed: 1, distinctShare: 0.3 });
  const sound: ReplayCounts = {
    requests: 100,
    hits: 70,
    failures: 0,
    unpriced: 0,
    costNanoUsd: 5n,
    billedCalls: 30,
    billNanoUsd: 5n,
    distinctAnswers: 30,
  };

  it('is sound when every repeated key was a hit or shared and the accounts are the bill', () => {
    expect(findReplayFaults('with own model', month, sound)).toEqual([]);
  });

  it.each<[string, Partial<ReplayCounts>]>([
    ['a request is missing from the accounts', { requests: 99 }],
    ['a repeated key was bought again', { hits: 69 }],
    ['a key was billed twice', { billedCalls: 31 }],
    ['two answers were given for one key', { distinctAnswers: 31 }],
    ['a request failed', { failures: 1 }],
    ['a request has no price', { unpriced: 1 }],
    ['accounts and bill differ by a nano-dollar', { billNanoUsd: 6n }],
  ])('is not believed when %s', (_, change) => {
    expect(findReplayFaults('with own model', month, { ...sound, ...change })).toHaveLength(1);
  });
});

describe('the price of a month', () => {
  it('is that of the catalogue to the nano-dollar', () => {
    const usage = { ...NO_USAGE, inputTokens: 1_000, outputTokens: 300 };
    expect(priceCalls([{ provider: 'openai', model: 'gpt-4o', usage }], AT)).toBe(5_500_000n);
    expect(() => priceCalls([{ provider: 'openai', model: 'gpt-unheard-of', usage }], AT)).toThrow('has no price');
  });

  it('without AI Core counts the text that came out, not another model’s reasoning, and speech by the character', () => {
    const call = {
      provider: 'openai',
      model: 'gpt-6.1-terra',
      usage: { ...NO_USAGE, inputTokens: 1_000, cacheReadTokens: 500, outputTokens: 700, reasoningTokens: 400 },
    };
    expect(priceCalls([withoutChoice(call, 'text')], AT)).toBe(5_500_000n);
    const speech = { provider: 'google_tts', model: 'neural2', usage: { ...NO_USAGE, characters: 1_000 } };
    expect(priceCalls([withoutChoice(speech, 'audio')], AT)).toBe(100_000_000n);
  });
});

describe('where savings come from', () => {
  const usage = { ...NO_USAGE, inputTokens: 1_000, outputTokens: 300 };
  const text = { provider: 'openai', model: 'gpt-6-luna', usage };
  const own = { provider: 'local_small_model', model: 'zporta_v1', usage };
  const speech = { provider: 'elevenlabs', model: 'eleven_multilingual_v2', usage: { ...NO_USAGE, characters: 45 } };

  it('tells memory, choosing and the own model apart, and text from speech', () => {
    // Ten requests of one text for 5.5 milli-dollars each without choosing, 0.25 with; ten of one speech for 4.5.
    const origins = [...Array.from({ length: 10 }, () => text), ...Array.from({ length: 10 }, () => speech)];
    expect(splitSavings({ origins, withMemory: [text, speech], withOwnModel: [own, speech] }, AT)).toEqual({
      withoutNanoUsd: 100_000_000n,
      speechShare: 0.45,
      memoryAlone: 0.9,
      ofSpeech: 0.9,
      ofText: 0.995_454,
      ofTextWithOwnModel: 1,
    });
  });

  it('has no shares of nothing', () => {
    expect(splitSavings({ origins: [text], withMemory: [text], withOwnModel: [own] }, AT)).toMatchObject({ speechShare: 0, ofSpeech: 0 });
  });
});
