import { describe, expect, it } from 'vitest';
import { readGoogleDuration, readRetryAfter } from './retry-after.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

describe('readRetryAfter', () => {
  it.for<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '120' }, 120_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '259200' }, 259_200_000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': '3', 'retry-after-ms': '2100' }, 2_100],
    [{ 'retry-after': 'Tue, 24 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Tue, 24 Nov 2026 11:00:00 GMT' }, 0],
  ])('reads %o as %s ms', ([headers, expected]) => {
    expect(readRetryAfter(new Headers(headers), NOW)).toBe(expected);
  });

  it('counts a date from the clock of the provider, not from ours', () => {
    const headers = new Headers({ date: 'Tue, 24 Nov 2026 09:00:00 GMT', 'retry-after': 'Tue, 24 Nov 2026 09:01:00 GMT' });
    expect(readRetryAfter(headers, NOW)).toBe(60_000);
  });
});

describe('readGoogleDuration', () => {
  it('reads seconds with their unit and nothing else', () => {
    expect(readGoogleDuration('34s')).toBe(34_000);
    expect(readGoogleDuration('1.5s')).toBe(1_500);
    expect(readGoogleDuration('34')).toBeUndefined();
    expect(readGoogleDuration('1m')).toBeUndefined();
  });
});
