import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from './format-money.ts';

describe('formatMoney', () => {
  it.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [1_500_000_000n, '1.5'],
    [-250_000_000n, '-0.25'],
    [45_230_000_000n, '45.23'],
    [1_000_000_000_000_000_000_000n, '1000000000000'],
  ])('writes %s nano-dollars as %s', (nanoUsd, usd) => {
    expect(formatMoney(nanoUsd)).toBe(usd);
  });

  it('is undone by parseMoney, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 23n), max: 10n ** 23n }), (nanoUsd) => {
        expect(parseMoney(formatMoney(nanoUsd))).toBe(nanoUsd);
      }),
    );
  });
});

describe('parseMoney', () => {
  it('takes trailing zeros and leading zeros', () => {
    expect(parseMoney('0.50')).toBe(500_000_000n);
    expect(parseMoney('007')).toBe(7_000_000_000n);
    expect(parseMoney('-0')).toBe(0n);
  });

  it.each(['', '.', '1.', '.5', '1e-7', '1,5', ' 1', '0x1', '1.0000000001', 'NaN', '--1', '1234567890123456', '１'])(
    'refuses "%s" instead of rounding or guessing',
    (usd) => {
      expect(() => parseMoney(usd)).toThrow(/^REQUEST_INVALID: an amount of money/);
    },
  );
});
