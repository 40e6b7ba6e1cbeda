import { formatMoney } from '@ai-core/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignMoney, showMoney } from './show-money.ts';

describe('showMoney', () => {
  it.each([
    ['0', '$0'],
    ['0.000000001', 'under $0.0001'],
    ['0.0001', '$0.0001'],
    ['0.00015', '$0.0002'],
    ['0.549999999', '$0.5500'],
    ['0.99999', '$1.0000'],
    ['1', '$1.00'],
    ['12.345', '$12.35'],
    ['1234567.5', '$1,234,567.50'],
    ['-2.5', '−$2.50'],
    ['-0.00000001', 'above −$0.0001'],
  ])('shows %s as %s', (usd, shown) => {
    expect(showMoney(usd)).toBe(shown);
  });

  it('is never further from the amount than half of the last digit shown', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 100_000n, max: 10n ** 15n }), (nanoUsd) => {
        const shown = showMoney(formatMoney(nanoUsd)).replace(/[$,]/g, '');
        const [whole = '', fraction = ''] = shown.split('.');
        const nano = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
        const difference = nano > nanoUsd ? nano - nanoUsd : nanoUsd - nano;
        return difference * 2n <= 10n ** BigInt(9 - fraction.length);
      }),
    );
  });
});

describe('alignMoney', () => {
  it('gives every amount as many digits after the point as the longest has', () => {
    expect(alignMoney(['1', '0.25', '-3.125'])).toEqual(['1.000', '0.250', '-3.125']);
    expect(alignMoney(['1', '20'])).toEqual(['1', '20']);
    expect(alignMoney([])).toEqual([]);
  });
});
