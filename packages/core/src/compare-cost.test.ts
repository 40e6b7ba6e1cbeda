import { describe, expect, it } from 'vitest';
import { compareCost, findIncumbent, type IncumbentQuestion } from './compare-cost.ts';
import type { Price } from './price.ts';
import { NO_USAGE } from './usage.ts';

const asked: IncumbentQuestion = {
  kind: 'text',
  selectionMode: 'auto',
  answered: { provider: 'local_small_model', model: 'ours-1' },
  candidates: [
    { provider: 'local_small_model', model: 'ours-1' },
    { provider: 'local_small_model', model: 'ours-0' },
    { provider: 'openai', model: 'small' },
    { provider: 'claude', model: 'large' },
  ],
  before: null,
};
const price = (input: bigint): Price => ({
  id: String(input),
  provider: 'openai',
  modelName: 'small',
  effectiveFrom: new Date(0),
  effectiveTo: null,
  rates: { input, output: 0n, cachedInput: null, cacheWrite: null, cacheWriteLong: null, characters: null, audioOutput: null },
  perRequestNanoUsd: 0n,
  batchBasisPoints: 5_000,
  longContext: null,
});

describe('who would else have answered', () => {
  it('is the best candidate of others when a model of our own answers', () => {
    expect(findIncumbent(asked)).toMatchObject({ provider: 'openai', model: 'small' });
    expect(findIncumbent({ ...asked, candidates: asked.candidates.slice(0, 2) })).toBeNull();
  });

  it('is whoever answered before a cheaper tier was chosen for the type', () => {
    const before = { provider: 'claude', model: 'large' };
    expect(findIncumbent({ ...asked, before })).toEqual(before);
    expect(findIncumbent({ ...asked, answered: { provider: 'openai', model: 'small' }, before })).toEqual(before);
  });

  it('is nobody else when another’s model answers, when the caller named the model, and for speech', () => {
    expect(findIncumbent({ ...asked, answered: { provider: 'openai', model: 'small' } })).toBeNull();
    expect(findIncumbent({ ...asked, selectionMode: 'manual' })).toBeNull();
    expect(findIncumbent({ ...asked, kind: 'audio' })).toBeNull();
  });
});

describe('what a call would have cost', () => {
  it('is the full price of the same tokens, then the other model’s, neither in a batch', () => {
    const usage = { ...NO_USAGE, inputTokens: 1_000, batch: true };
    expect(compareCost({ usage, price: price(1_000_000n), incumbentPrice: price(3_000_000n) })).toEqual({
      realtimeNanoUsd: 1_000n,
      counterfactualNanoUsd: 3_000n,
    });
    expect(compareCost({ usage: { ...usage, batch: false }, price: price(1_000_000n), incumbentPrice: null })).toEqual({
      realtimeNanoUsd: null,
      counterfactualNanoUsd: null,
    });
  });
});
