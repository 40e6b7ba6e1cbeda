import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeCost, findUsageFaults } from './compute-cost.ts';
import { maxCost } from './max-cost.ts';
import { NO_RATES, type Price, type Rates } from './price.ts';
import { NO_USAGE } from './usage.ts';
import type { Usage } from './usage.ts';

const price = (rates: Partial<Rates>, changes: Partial<Price> = {}): Price => ({
  id: 'p',
  provider: 'claude',
  modelName: 'm',
  effectiveFrom: new Date(0),
  effectiveTo: null,
  rates: { ...NO_RATES, ...rates },
  perRequestNanoUsd: 0n,
  batchBasisPoints: 5000,
  longContext: null,
  ...changes,
});
const usage = (changes: Partial<Usage>): Usage => ({ ...NO_USAGE, ...changes });
/** USD per million tokens as nano-USD per million. */
const usd = (amount: number): bigint => BigInt(Math.round(amount * 1e9));

const rate = fc.bigInt({ min: 0n, max: 50_000_000_000n });
const arbitraryRates = fc.record({
  input: rate,
  output: rate,
  cachedInput: fc.option(rate),
  cacheWrite: fc.option(rate),
  cacheWriteLong: fc.option(rate),
  characters: rate,
  audioOutput: rate,
});
const arbitraryPrice = fc
  .record({
    rates: arbitraryRates,
    perRequestNanoUsd: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    batchBasisPoints: fc.integer({ min: 0, max: 10_000 }),
  })
  .map((parts) => price({}, parts));
const count = fc.integer({ min: 0, max: 2_000_000 });
const arbitraryUsage = fc
  .record({ plain: count, read: count, write: count, long: count, output: count, audio: count, characters: count, batch: fc.boolean() })
  .map((parts) =>
    usage({
      inputTokens: parts.plain + parts.read + parts.write + parts.long,
      cacheReadTokens: parts.read,
      cacheWriteTokens: parts.write,
      cacheWriteLongTokens: parts.long,
      outputTokens: parts.output,
      reasoningTokens: Math.floor(parts.output / 2),
      audioOutputTokens: parts.audio,
      characters: parts.characters,
      batch: parts.batch,
    }),
  );
const costOf = (counts: Usage, at: Price): bigint => computeCost(counts, at).nanoUsd ?? -1n;

describe('computeCost', () => {
  it('bills input, cache reads, cache writes and output each at its own rate', () => {
    const haiku = price({ input: usd(0.1), output: usd(0.5), cachedInput: usd(0.01), cacheWrite: usd(0.125), cacheWriteLong: usd(0.2) });
    const counts = usage({
      inputTokens: 10_000,
      cacheReadTokens: 6000,
      cacheWriteTokens: 2000,
      cacheWriteLongTokens: 1000,
      outputTokens: 500,
      reasoningTokens: 400,
    });
    const cost = computeCost(counts, haiku);
    expect(cost.nanoUsd).toBe(100_000n + 60_000n + 250_000n + 200_000n + 250_000n);
    expect(cost.lines.map(({ unit, quantity, nanoUsd }) => [unit, quantity, nanoUsd])).toEqual([
      ['input', 1000, 100_000n],
      ['cached_input', 6000, 60_000n],
      ['cache_write', 2000, 250_000n],
      ['cache_write_long', 1000, 200_000n],
      ['output', 500, 250_000n],
    ]);
  });

  it('bills cache reads and writes as input where the provider has no rate of their own', () => {
    const plain = price({ input: usd(1), output: usd(5) });
    const cached = usage({ inputTokens: 3000, cacheReadTokens: 1000, cacheWriteTokens: 1000, cacheWriteLongTokens: 1000 });
    expect(costOf(cached, plain)).toBe(costOf(usage({ inputTokens: 3000 }), plain));
    const written = price({ input: usd(1), cacheWrite: usd(1.25) });
    expect(costOf(usage({ inputTokens: 1000, cacheWriteLongTokens: 1000 }), written)).toBe(1_250_000n);
  });

  it('bills the whole request at the long-context rates from one token above the limit on', () => {
    const long = { above: 100_000, rates: { ...NO_RATES, input: usd(0.5), output: usd(2.5), cachedInput: usd(0.05) } };
    const haiku = price({ input: usd(0.1), output: usd(0.5), cachedInput: usd(0.01) }, { longContext: long });
    expect(costOf(usage({ inputTokens: 100_000, outputTokens: 1000 }), haiku)).toBe(10_000_000n + 500_000n);
    expect(costOf(usage({ inputTokens: 100_001, outputTokens: 1000 }), haiku)).toBe(50_000_500n + 2_500_000n);
    expect(costOf(usage({ inputTokens: 100_001, cacheReadTokens: 100_001 }), haiku)).toBe(5_000_050n);
  });

  it('halves a batch and rounds once, half up, at the end', () => {
    const cheap = price({ input: 1_000_000n, output: 1_000_000n });
    expect(costOf(usage({ inputTokens: 3, batch: true }), cheap)).toBe(2n);
    expect(costOf(usage({ inputTokens: 1, outputTokens: 2, batch: true }), cheap)).toBe(2n);
    expect(costOf(usage({ inputTokens: 3 }), cheap)).toBe(3n);
    const third = price({ input: 333_333n, output: 166_666n });
    expect(costOf(usage({ inputTokens: 1, outputTokens: 1 }), third)).toBe(0n);
    expect(costOf(usage({ inputTokens: 1, outputTokens: 2 }), third)).toBe(1n);
  });

  it('bills characters, audio tokens and a fee per request', () => {
    expect(costOf(usage({ characters: 27 }), price({ characters: usd(100) }))).toBe(2_700_000n);
    expect(costOf(usage({ inputTokens: 10, audioOutputTokens: 250 }), price({ input: usd(0.5), audioOutput: usd(6) }))).toBe(
      5000n + 1_500_000n,
    );
    expect(costOf(NO_USAGE, price({}, { perRequestNanoUsd: 40_000_000n }))).toBe(40_000_000n);
    expect(costOf(usage({ batch: true }), price({}, { perRequestNanoUsd: 40_000_000n }))).toBe(20_000_000n);
  });

  it('is 0 for a model that costs nothing and for a call that used nothing', () => {
    expect(costOf(usage({ inputTokens: 5000, outputTokens: 5000 }), price({ input: 0n, output: 0n }))).toBe(0n);
    expect(costOf(NO_USAGE, price({ input: usd(1) }))).toBe(0n);
  });

  it('is unknown, never 0, when a used unit has no rate or the model has no price', () => {
    expect(computeCost(usage({ inputTokens: 1, outputTokens: 1 }), price({ input: usd(1) }))).toMatchObject({
      nanoUsd: null,
      unpriced: ['output'],
    });
    expect(computeCost(usage({ characters: 5 }), null)).toMatchObject({ nanoUsd: null, unpriced: ['characters', 'request'], lines: [] });
    expect(computeCost(NO_USAGE, null)).toMatchObject({ nanoUsd: null, unpriced: ['request'] });
  });

  it.each([
    ['a negative count', { inputTokens: -1 }, /inputTokens is not a count/],
    ['a fraction', { outputTokens: 1.5 }, /outputTokens is not a count/],
    ['NaN', { characters: Number.NaN }, /characters is not a count/],
    ['an absurd count', { outputTokens: 1e12 }, /outputTokens is not a count/],
    ['more cache reads than input', { inputTokens: 5, cacheReadTokens: 6 }, /cache reads and writes are more/],
    [
      'more cache in total than input',
      { inputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 2, cacheWriteLongTokens: 1 },
      /cache reads and writes are more/,
    ],
    ['more reasoning than output', { outputTokens: 1, reasoningTokens: 2 }, /reasoning is more/],
  ])('flags %s and bills nothing', (_name, changes, fault) => {
    const cost = computeCost(usage(changes), price({ input: usd(1), output: usd(1), characters: usd(1) }));
    expect(cost).toMatchObject({ nanoUsd: null, lines: [], unpriced: [] });
    expect(cost.faults.join('; ')).toMatch(fault);
  });

  it('has receipt lines that add up to the cost, in whole nano-dollars and exactly', () => {
    fc.assert(
      fc.property(arbitraryUsage, arbitraryPrice, (counts, at) => {
        const { nanoUsd, lines } = computeCost(counts, at);
        expect(lines.reduce((sum, line) => sum + line.nanoUsd, 0n)).toBe(nanoUsd);
        const exact = lines.reduce((sum, line) => sum + line.exact, 0n);
        expect((exact * 2n + 10n ** 10n) / (2n * 10n ** 10n)).toBe(nanoUsd);
        expect(lines.every((line) => line.nanoUsd >= 0n)).toBe(true);
      }),
    );
  });

  it('is additive: two calls cost what their sum costs, up to the rounding of each', () => {
    fc.assert(
      fc.property(arbitraryUsage, arbitraryUsage, arbitraryPrice, (one, two, at) => {
        const free = { ...at, perRequestNanoUsd: 0n };
        const keys = [
          'inputTokens',
          'cacheReadTokens',
          'cacheWriteTokens',
          'cacheWriteLongTokens',
          'outputTokens',
          'audioOutputTokens',
          'characters',
        ] as const;
        const both = usage({ batch: one.batch, ...Object.fromEntries(keys.map((key) => [key, one[key] + two[key]])) });
        const difference = costOf(one, free) + costOf({ ...two, batch: one.batch }, free) - costOf(both, free);
        expect(difference >= -1n && difference <= 1n).toBe(true);
      }),
    );
  });

  it('is monotonic: more of any unit never costs less', () => {
    const units = fc.constantFrom('inputTokens' as const, 'outputTokens' as const, 'audioOutputTokens' as const, 'characters' as const);
    fc.assert(
      fc.property(arbitraryUsage, arbitraryPrice, units, fc.integer({ min: 1, max: 100_000 }), (counts, at, unit, more) => {
        expect(costOf({ ...counts, [unit]: counts[unit] + more }, at) >= costOf(counts, at)).toBe(true);
      }),
    );
  });
});

describe('findUsageFaults', () => {
  it('finds none in any possible usage', () => {
    fc.assert(
      fc.property(arbitraryUsage, (counts) => {
        expect(findUsageFaults(counts)).toEqual([]);
      }),
    );
  });
});

describe('maxCost', () => {
  it('is never below the cost of a usage within the bound, long context included', () => {
    const withLong = fc
      .tuple(arbitraryPrice, fc.option(fc.record({ above: count, rates: arbitraryRates })))
      .map(([at, longContext]) => ({ ...at, longContext }));
    fc.assert(
      fc.property(arbitraryUsage, withLong, count, (counts, at, slack) => {
        const bound = {
          inputTokens: counts.inputTokens + slack,
          outputTokens: counts.outputTokens,
          audioOutputTokens: counts.audioOutputTokens,
          characters: counts.characters,
        };
        const most = maxCost(bound, at);
        expect(most !== null && most >= costOf(counts, at)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the cache-write rate for input, because providers write their cache unasked', () => {
    const luna = price({ input: usd(0.1), cachedInput: usd(0.01), cacheWrite: usd(0.125), output: usd(0.5) });
    expect(maxCost({ inputTokens: 1_000_000, outputTokens: 0, audioOutputTokens: 0, characters: 0 }, luna)).toBe(125_000_000n);
  });

  it('rounds up and includes the fee per request', () => {
    const bound = { inputTokens: 1, outputTokens: 0, audioOutputTokens: 0, characters: 0 };
    expect(maxCost(bound, price({ input: 1n }))).toBe(1n);
    expect(maxCost(bound, price({ input: 0n }, { perRequestNanoUsd: 7n }))).toBe(7n);
  });

  it('is unknown when a rate that may be needed is unknown', () => {
    const bound = { inputTokens: 1, outputTokens: 1, audioOutputTokens: 0, characters: 0 };
    expect(maxCost(bound, null)).toBeNull();
    expect(maxCost(bound, price({ input: usd(1) }))).toBeNull();
    expect(maxCost({ ...bound, outputTokens: 0 }, price({ output: usd(1), cacheWrite: usd(1) }))).toBeNull();
  });
});
