import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeCost } from './compute-cost.ts';
import type { Price, Rates } from './price.ts';
import { attributeSavings, itemiseCall } from './receipt.ts';
import { NO_USAGE, type Usage } from './usage.ts';

const RUNS = { numRuns: 10_000 };
const count = fc.nat(2_000_000);
const nano = fc.bigInt(0n, 10n ** 12n);
const rate = fc.option(nano, { nil: null });

const usages: fc.Arbitrary<Usage> = fc
  .record({
    fresh: count,
    cacheReadTokens: count,
    cacheWriteTokens: count,
    cacheWriteLongTokens: count,
    outputTokens: count,
    audioOutputTokens: count,
    characters: count,
    batch: fc.boolean(),
  })
  .map(({ fresh, ...usage }) => ({
    ...NO_USAGE,
    ...usage,
    inputTokens: fresh + usage.cacheReadTokens + usage.cacheWriteTokens + usage.cacheWriteLongTokens,
  }));
const rates: fc.Arbitrary<Rates> = fc.record({
  input: nano,
  output: nano,
  cachedInput: rate,
  cacheWrite: rate,
  cacheWriteLong: rate,
  characters: nano,
  audioOutput: nano,
});
const prices: fc.Arbitrary<Price> = fc.record({
  id: fc.constant('price'),
  provider: fc.constant('openai' as const),
  modelName: fc.constant('model'),
  effectiveFrom: fc.constant(new Date(0)),
  effectiveTo: fc.constant(null),
  rates,
  perRequestNanoUsd: fc.bigInt(0n, 10n ** 9n),
  batchBasisPoints: fc.integer({ min: 0, max: 10_000 }),
  longContext: fc.option(fc.record({ above: count, rates }), { nil: null }),
});
const sum = (lines: readonly { nanoUsd: bigint }[]): bigint => lines.reduce((total, line) => total + line.nanoUsd, 0n);

describe('a receipt', () => {
  it('re-adds to the cost exactly, without an adjustment, for any usage at any price', () => {
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const { nanoUsd } = computeCost(usage, price);
        const { lines } = itemiseCall({ usage, price, costNanoUsd: nanoUsd });
        expect(sum(lines)).toBe(nanoUsd);
        expect(lines.some(({ unit }) => unit === 'adjustment')).toBe(false);
      }),
      RUNS,
    );
  });

  it('says by how much the recorded cost differs from its price row, and still re-adds', () => {
    fc.assert(
      fc.property(usages, fc.option(prices, { nil: null }), nano, (usage, price, costNanoUsd) => {
        expect(sum(itemiseCall({ usage, price, costNanoUsd }).lines)).toBe(costNanoUsd);
      }),
      RUNS,
    );
    const { lines } = itemiseCall({ usage: NO_USAGE, price: null, costNanoUsd: 7n });
    expect(lines).toEqual([{ unit: 'adjustment', quantity: null, rateNanoUsd: null, nanoUsd: 7n }]);
  });

  it('has no lines where the cost is unknown', () => {
    expect(itemiseCall({ usage: NO_USAGE, price: null, costNanoUsd: null })).toMatchObject({ lines: [], costNanoUsd: null });
  });
});

describe('what was saved', () => {
  it('adds up to what the incumbent would have cost minus what was paid, exactly, with each reason once', () => {
    const question = fc.record({
      paidNanoUsd: nano,
      boughtNanoUsd: nano,
      realtimeNanoUsd: nano,
      incumbentNanoUsd: nano,
      shared: fc.constantFrom('memory' as const, 'in_flight' as const, null),
      isOwnModel: fc.boolean(),
    });
    fc.assert(
      fc.property(question, (asked) => {
        const parts = attributeSavings(asked);
        expect(sum(parts)).toBe(asked.incumbentNanoUsd - asked.paidNanoUsd);
        expect(new Set(parts.map(({ reason }) => reason)).size).toBe(parts.length);
      }),
      RUNS,
    );
  });

  it('names the reasons of a hit on an answer that was bought in a batch from a cheaper model', () => {
    const amounts = { paidNanoUsd: 0n, boughtNanoUsd: 50n, realtimeNanoUsd: 100n, incumbentNanoUsd: 1_000n };
    expect(attributeSavings({ ...amounts, shared: 'memory', isOwnModel: false })).toEqual([
      { reason: 'cheaper_model', nanoUsd: 900n },
      { reason: 'batch', nanoUsd: 50n },
      { reason: 'memory', nanoUsd: 50n },
    ]);
  });
});
