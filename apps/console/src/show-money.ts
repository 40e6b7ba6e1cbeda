/** Money for people. The exact amount stays beside it; nothing here is computed with further. */
import { parseMoney } from '@ai-core/core';

/** Nano-dollars in one unit of the last digit shown. */
const CENT = 10_000_000n;
const HUNDREDTH_CENT = 100_000n;
const DOLLAR = 1_000_000_000n;

/**
 * An amount short enough for a heading: cents from one dollar on, else four digits after the point, rounded half up.
 * @param usd US dollars as an exact decimal string
 * @returns for example `$12.35`, `$0.5500`, `under $0.0001`
 */
export function showMoney(usd: string): string {
  const nanoUsd = parseMoney(usd);
  const sign = nanoUsd < 0n ? '−' : '';
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  if (amount === 0n) return '$0';
  if (amount < HUNDREDTH_CENT) return `${sign === '' ? 'under' : 'above'} ${sign}$0.0001`;
  const unit = amount < DOLLAR ? HUNDREDTH_CENT : CENT;
  const units = (amount + unit / 2n) / unit;
  const perDollar = DOLLAR / unit;
  const digits = String(perDollar).length - 1;
  const whole = String(units / perDollar).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}$${whole}.${String(units % perDollar).padStart(digits, '0')}`;
}

/** Exact amounts of one column, with as many digits after the point as the longest, so that the points stand below each other. */
export function alignMoney(amounts: readonly string[]): readonly string[] {
  const digits = Math.max(0, ...amounts.map((amount) => amount.split('.')[1]?.length ?? 0));
  return amounts.map((amount) => {
    const [whole = '0', fraction = ''] = amount.split('.');
    return digits === 0 ? whole : `${whole}.${fraction.padEnd(digits, '0')}`;
  });
}
