import { describe, expect, it } from 'vitest';
import { latencySampler } from './latency.ts';

describe('latencySampler', () => {
  it('gives a fixed delay as it is', () => {
    expect(latencySampler('1')({ fixedMs: 250 })).toBe(250);
  });

  it('repeats the same delays for the same seed', () => {
    const spread = { p50Ms: 800, p99Ms: 4_000 };
    const [first, second, other] = ['a', 'a', 'b'].map((seed) => {
      const sample = latencySampler(seed);
      return Array.from({ length: 5 }, () => sample(spread));
    });
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('has the median and the 99th percentile it was given', () => {
    const sample = latencySampler('1');
    const delays = Array.from({ length: 20_000 }, () => sample({ p50Ms: 800, p99Ms: 4_000 })).sort((a, b) => a - b);
    expect(delays[10_000]).toBeCloseTo(800, -2);
    expect(delays[19_800]).toSatisfy((delay: number) => delay > 3_600 && delay < 4_400);
  });
});
