import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeCost } from './compute-cost.ts';
import type { Price } from './price.ts';
import { priceUnits } from './price-units.ts';
import { NO_USAGE } from './usage.ts';

const PRICE: Price = {
  id: '1',
  provider: 'openai',
  modelName: 'm',
  effectiveFrom: new Date(0),
  effectiveTo: null,
  rates: {
    input: 250_000_000n,
    output: 2_000_000_000n,
    cachedInput: 25_000_000n,
    cacheWrite: null,
    cacheWriteLong: null,
    characters: null,
    audioOutput: null,
  },
  perRequestNanoUsd: 10n,
  batchBasisPoints: 5_000,
  longContext: null,
};

it('says of one call what its bill says', () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(count, count, count, (input, cached, output) => {
      const usage = { ...NO_USAGE, inputTokens: input + cached, cacheReadTokens: cached, outputTokens: output };
      expect(priceUnits(PRICE, { input, cached_input: cached, output, request: 1 })).toBe(computeCost(usage, PRICE).nanoUsd);
    }),
  );
});

it('knows no cost where something that was used has no rate, and ignores what was not used', () => {
  expect(priceUnits(PRICE, { input: 10, characters: 1 })).toBeNull();
  expect(priceUnits(PRICE, { input: 4_000_000, characters: 0 })).toBe(1_000_000_000n);
});
