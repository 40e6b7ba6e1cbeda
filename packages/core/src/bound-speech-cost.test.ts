import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundSpeechCost } from './bound-speech-cost.ts';
import { CATALOGUE, pricesOf } from './catalogue.ts';
import { computeCost } from './compute-cost.ts';
import { NO_USAGE } from './usage.ts';

const priceOf = (provider: string) => {
  const model = CATALOGUE.find((candidate) => candidate.provider === provider && candidate.kind === 'audio');
  const [price] = model === undefined ? [] : pricesOf(model);
  if (price === undefined) throw new Error(`no price of ${provider}`);
  return { ...price, id: 'price' };
};

describe('boundSpeechCost', () => {
  it.for(['elevenlabs', 'google_tts', 'openai'])('is what the characters of %s cost', (provider) => {
    const price = priceOf(provider);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const cost = computeCost({ ...NO_USAGE, characters: Array.from(text).length }, price).nanoUsd ?? 0n;
        expect(boundSpeechCost({ text, language: 'ja', options: {} }, price)).toBeGreaterThanOrEqual(cost);
      }),
    );
  });

  it('is never less than what the tokens of gemini cost, for the slowest speech', () => {
    const price = priceOf('gemini');
    const text = '今日は数え方を勉強しましょう。';
    const audioOutputTokens = Math.ceil(text.length * 25);
    const cost = computeCost({ ...NO_USAGE, inputTokens: text.length, audioOutputTokens }, price).nanoUsd ?? 0n;
    expect(cost).toBeGreaterThan(0n);
    expect(boundSpeechCost({ text, language: 'ja', options: { speed: 0.5 } }, price)).toBeGreaterThanOrEqual(cost);
  });

  it('is not known without a price', () => {
    expect(boundSpeechCost({ text: 'a', language: 'en', options: {} }, null)).toBeNull();
  });
});
