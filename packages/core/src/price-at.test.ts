import { describe, expect, it } from 'vitest';
import type { Price } from './price.ts';
import { priceAt } from './price-at.ts';

const rates = { input: 1n, output: 1n, cachedInput: null, cacheWrite: null, cacheWriteLong: null, characters: null, audioOutput: null };
const price = (id: string, [from, to]: [string, string | null], modelName = 'm'): Price => ({
  id,
  provider: 'openai',
  modelName,
  effectiveFrom: new Date(from),
  effectiveTo: to === null ? null : new Date(to),
  rates,
  perRequestNanoUsd: 0n,
  batchBasisPoints: 5000,
  longContext: null,
});
const prices = [
  price('new', ['2027-01-01', null]),
  price('old', ['2026-01-01', null]),
  price('ended', ['2025-01-01', '2025-06-01']),
  price('other', ['2026-06-01', null], 'n'),
];
const idAt = (at: string): string | undefined => priceAt(prices, { provider: 'openai', modelName: 'm', at: new Date(at) })?.id;

describe('priceAt', () => {
  it('changes on the very moment a later price takes effect', () => {
    expect(idAt('2026-12-31T23:59:59.999Z')).toBe('old');
    expect(idAt('2027-01-01T00:00:00.000Z')).toBe('new');
  });

  it('excludes the moment a price ends', () => {
    expect(idAt('2025-05-31T23:59:59.999Z')).toBe('ended');
    expect(idAt('2025-06-01T00:00:00.000Z')).toBeUndefined();
  });

  it('answers null before the first price and for another provider or model', () => {
    const at = new Date('2026-06-01');
    expect(idAt('2024-12-31')).toBeUndefined();
    expect(priceAt(prices, { provider: 'gemini', modelName: 'm', at })).toBeNull();
    expect(priceAt(prices, { provider: 'openai', modelName: 'x', at })).toBeNull();
  });

  it('does not depend on the order of the rows', () => {
    const question = { provider: 'openai', modelName: 'm', at: new Date('2028-01-01') };
    expect(priceAt(prices.toReversed(), question)?.id).toBe('new');
  });
});
