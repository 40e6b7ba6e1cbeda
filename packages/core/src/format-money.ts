/** Money on the wire is a decimal string of US dollars; inside it is a bigint of nano-dollars. The two convert exactly. */
import { AiCoreError } from './errors.ts';

const NANO_DIGITS = 9;
const NANO_PER_USD = 10n ** BigInt(NANO_DIGITS);
const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/;

/**
 * @param nanoUsd nano-dollars; negative for corrections
 * @returns US dollars without trailing zeros: 1500000000n is "1.5", 0n is "0"
 */
export function formatMoney(nanoUsd: bigint): string {
  const sign = nanoUsd < 0n ? '-' : '';
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const fraction = String(amount % NANO_PER_USD)
    .padStart(NANO_DIGITS, '0')
    .replace(/0+$/, '');
  return `${sign}${amount / NANO_PER_USD}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * @param usd US dollars as a plain decimal: digits, at most nine of them after the point, no exponent
 * @returns nano-dollars
 * @throws AiCoreError REQUEST_INVALID for anything else: money is never rounded on the way in
 */
export function parseMoney(usd: string): bigint {
  const match = DECIMAL.exec(usd);
  if (match === null) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      'an amount of money must be a decimal number of US dollars with at most nine digits after the point.',
    );
  }
  const [, sign, whole = '0', fraction = ''] = match;
  const amount = BigInt(whole) * NANO_PER_USD + BigInt(fraction.padEnd(NANO_DIGITS, '0'));
  return sign === '-' ? -amount : amount;
}
