/** Amounts as providers write them: any number of digits, sometimes with an exponent, and more digits than a nano-dollar has. */

export interface BillAmount {
  /** Rounded half away from zero. */
  readonly nanoUsd: bigint;
  /** Digits after the point, in US dollars. */
  readonly decimals: number;
}

const AMOUNT = /^(-?)\$?((?:\d{1,3}(?:,\d{3})+)|\d{1,15})(?:\.(\d{1,60}))?(?:[eE]([+-]?\d{1,2}))?$/;
const NANO_DIGITS = 9;

/**
 * @param text a decimal number, thousands with or without commas, with or without a dollar sign
 * @param unit digits to the right of the point that one unit is worth: 0 for dollars, 2 for cents
 * @returns null for anything else
 */
export function parseBillAmount(text: string, unit: 0 | 2 = 0): BillAmount | null {
  const match = AMOUNT.exec(text.trim());
  if (match === null) return null;
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match;
  const decimals = fraction.length + unit - Number(exponent);
  const digits = BigInt(whole.replaceAll(',', '') + fraction);
  const scale = NANO_DIGITS - decimals;
  const divisor = 10n ** BigInt(Math.max(0, -scale));
  const nano = scale >= 0 ? digits * 10n ** BigInt(scale) : (digits + divisor / 2n) / divisor;
  return { nanoUsd: sign === '-' ? -nano : nano, decimals: Math.max(0, decimals) };
}
