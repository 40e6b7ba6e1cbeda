import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundTokens, estimateTokens } from './estimate-tokens.ts';

describe('estimateTokens', () => {
  it('counts half a token per UTF-8 byte', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('abc')).toBe(2);
    expect(estimateTokens('語')).toBe(2);
    expect(estimateTokens('🙂')).toBe(2);
  });

  it('is above the counts that o200k_base gave for 2,700 bytes of English and 4,800 bytes of Japanese', () => {
    expect(estimateTokens('a'.repeat(2700))).toBeGreaterThan(601);
    expect(estimateTokens('語'.repeat(1600))).toBeGreaterThan(1050);
  });
});

describe('boundTokens', () => {
  it('is never below one token per byte, nor below the estimate', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(boundTokens(text)).toBeGreaterThan(Buffer.byteLength(text));
        expect(boundTokens(text)).toBeGreaterThan(estimateTokens(text));
      }),
    );
  });
});
