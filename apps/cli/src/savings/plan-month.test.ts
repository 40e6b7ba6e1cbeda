import { normalize, promptHash } from '@ai-core/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion, planMonth, type PlannedRequest } from './plan-month.ts';
import { DAYS, REQUEST_MIX } from './request-mix.ts';

/** What the system itself takes for the identity of a request. */
function hashOf({ kind, requestType, text, language }: PlannedRequest): string {
  return promptHash(
    kind === 'audio'
      ? { kind, text, language }
      : { kind, request_type: requestType, prompt: text, options: { language }, normalization: 'loose' },
  ).hash;
}

function countDistinct<Item>(items: readonly Item[]): number {
  return new Set(items).size;
}

describe('a planned month', () => {
  it('is the same for the same seed, and another one for another', () => {
    const plan = (seed: number) => planMonth({ requests: 300, seed, distinctShare: null });
    expect(plan(7)).toEqual(plan(7));
    expect(plan(8).requests).not.toEqual(plan(7).requests);
  });

  it('has as many identities as keys, whatever its size, seed and share', () => {
    const anyMonth = fc.record({
      requests: fc.integer({ min: 10, max: 400 }),
      seed: fc.nat(),
      distinctShare: fc.option(fc.double({ min: 0.1, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(anyMonth, (settings) => {
        const { requests, distinctKeys, idealHitRate } = planMonth(settings);
        expect(requests).toHaveLength(settings.requests);
        expect(countDistinct(requests.map(({ key }) => key))).toBe(distinctKeys);
        expect(countDistinct(requests.map(hashOf))).toBe(distinctKeys);
        expect(countDistinct(requests.map((request) => `${request.key} ${hashOf(request)}`))).toBe(distinctKeys);
        expect(idealHitRate).toBeCloseTo(1 - distinctKeys / settings.requests, 12);
        expect(requests.every(({ atMs }, index) => atMs >= (requests[index - 1]?.atMs ?? 0))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('has exactly the distinct share that was asked for', () => {
    expect(planMonth({ requests: 2_000, seed: 1, distinctShare: 0.2 }).distinctKeys).toBe(400);
    expect(planMonth({ requests: 500, seed: 1, distinctShare: 1 }).idealHitRate).toBe(0);
  });

  it('of 10,000 requests repeats about four in five, has every type in its share, and lasts a month', () => {
    const { requests, idealHitRate } = planMonth({ requests: 10_000, seed: 1, distinctShare: null });
    expect(idealHitRate).toBeGreaterThan(0.78);
    expect(idealHitRate).toBeLessThan(0.85);
    for (const { requestType, share } of REQUEST_MIX) {
      expect(requests.filter((request) => request.requestType === requestType)).toHaveLength(Math.round(share * 10_000));
    }
    expect(requests.at(-1)?.atMs).toBeGreaterThan((DAYS - 2) * 86_400_000);
    expect(requests.at(-1)?.atMs).toBeLessThan((DAYS + 1) * 86_400_000);
  });

  it('has classes that ask the same within a minute, and texts that are typed in several ways', () => {
    const { requests } = planMonth({ requests: 3_000, seed: 3, distinctShare: null });
    const perMinute = new Map<string, number>();
    for (const { key, atMs } of requests) {
      const minute = `${key} ${Math.floor(atMs / 60_000)}`;
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    }
    expect(Math.max(...perMinute.values())).toBeGreaterThanOrEqual(8);
    const texts = requests.filter(({ kind }) => kind === 'text').map(({ text }) => text);
    expect(countDistinct(texts)).toBeGreaterThan(countDistinct(texts.map((text) => normalize(text, 'loose'))));
  });
});

describe('apportion', () => {
  it('gives whole parts that add up and are never a whole one off their share', () => {
    const shares = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(100_000), shares, (total, weights) => {
        const parts = apportion(total, weights);
        const sum = weights.reduce((all, weight) => all + weight, 0);
        expect(parts.reduce((all, part) => all + part, 0)).toBe(total);
        for (const [index, part] of parts.entries()) expect(Math.abs(part - (total * (weights[index] ?? 0)) / sum)).toBeLessThan(1 + 1e-6);
      }),
    );
  });
});
