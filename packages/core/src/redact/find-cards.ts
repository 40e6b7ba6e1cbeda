/** Payment cards: an issuer's prefix and length (ISO/IEC 7812 ranges) and the Luhn check digit. */
import { digitsOf, isEven, readDigitWindows, shapeOf, singleDigitRuns } from './digit-window.ts';
import type { DigitWindow } from './digit-window.ts';
import type { Finding } from './finding.ts';

const LEAST_DIGITS = 13;
const MOST_DIGITS = 19;

/** Prefix pattern and possible lengths of each issuer. */
const ISSUERS: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] },
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(?:30[0-5]|3095|36|3[89])/, lengths: [14, 16, 19] },
  { prefix: /^35(?:2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
  { prefix: /^62/, lengths: [16, 17, 18, 19] },
  { prefix: /^220[0-4]/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, lengths: [13, 14, 15, 16, 17, 18, 19] },
];

/** How the digits of a card are printed in groups. */
const PRINTED_SHAPES = new Set(['4-4-4-4', '4-6-5', '4-6-4', '4-4-4-4-1', '4-4-4-4-2', '4-4-4-4-3', '8-8', '6-13', '4-4-5', '4-4-4-1']);
const MOST_GROUPS = 5;

/** Weighted sum of the digits, from the right: `odd` for the second, fourth…, with the tens added when they overflow. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const weighted = index % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Article numbers (EAN-13, ISBN-13) have the length of the oldest Visa numbers and a check digit of their own. */
function isArticleNumber(digits: string): boolean {
  if (digits.length !== 13) return false;
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return sum % 10 === 0;
}

/** @returns true for digits that an issuer could have printed on a card */
function isCardNumber(digits: string): boolean {
  if (digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS || isArticleNumber(digits)) return false;
  return ISSUERS.some(({ prefix, lengths }) => lengths.includes(digits.length) && prefix.test(digits)) && passesLuhn(digits);
}

const WORD_BEFORE = /(?:card|visa|amex|mastercard|jcb|pan|karte|tarjeta|diners|discover|maestro)$/i;

function standsAlone(view: string, start: number, end: number): boolean {
  const before = view.slice(Math.max(0, start - 12), start);
  if (/[\p{Script=Latin}\d]$/u.test(before) && !WORD_BEFORE.test(before)) return false;
  return !/\d\.$/.test(before) && !/^(?:[\p{Script=Latin}\d]|\.\d)/u.test(view.slice(end, end + 2));
}

/** The groups from `from` that make a card, as their number; 0 when none do. */
function cardLength(view: string, window: DigitWindow, from: number): number {
  for (let count = Math.min(MOST_GROUPS, window.length - from); count > 0; count--) {
    const [first, last] = [window[from], window[from + count - 1]];
    if (first === undefined || last === undefined || last.end - first.start < LEAST_DIGITS) return 0;
    if (last.end - first.start > MOST_DIGITS * 3) continue;
    const groups = window.slice(from, from + count);
    const isWhole = count === window.length && groups.every(({ start, end }) => end - start > 2);
    if (count > 1 && !isWhole && !(isEven(groups) && PRINTED_SHAPES.has(shapeOf(groups)))) continue;
    if (isCardNumber(digitsOf(view, groups)) && standsAlone(view, first.start, last.end)) return count;
  }
  return 0;
}

function findInWindow(view: string, window: DigitWindow): Finding[] {
  const findings: Finding[] = [];
  const add = (from: number, to: number): void => {
    const first = window[from];
    const last = window[to - 1];
    if (first !== undefined && last !== undefined) findings.push({ kind: 'CARD', start: first.start, end: last.end });
  };
  for (const [from, to] of singleDigitRuns(window)) {
    if (to - from <= MOST_DIGITS && isCardNumber(digitsOf(view, window.slice(from, to)))) add(from, to);
  }
  for (let from = 0; from < window.length;) {
    const count = cardLength(view, window, from);
    if (count > 0) add(from, from + count);
    from += Math.max(1, count);
  }
  return findings.toSorted((one, other) => one.start - other.start);
}

/** Finds card numbers, written in one piece, in printed groups or digit by digit. */
export function findCards(view: string): Finding[] {
  return readDigitWindows(view, LEAST_DIGITS).flatMap((window) => findInWindow(view, window));
}
