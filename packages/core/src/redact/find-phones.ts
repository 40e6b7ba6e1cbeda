/** Telephone numbers: which groups of a window belong together, and whether they stand alone. The rules: phone-rules.ts. */
import { digitsOf, readDigitWindows, shapeOf, singleDigitRuns } from './digit-window.ts';
import type { DigitGroup, DigitWindow } from './digit-window.ts';
import { wordsBefore } from './finding.ts';
import type { Detector, Finding } from './finding.ts';
import { isPhone, mayBeginPhone } from './phone-rules.ts';

const LEAST_DIGITS = 7;
const MOST_DIGITS = 15;
const MOST_GROUPS = 8;
const CONTEXT_CHARACTERS = 28;

const PHONE_WORD_END = /(?:tel|fax|phone|mobil|mobile|handy|call|cell|whatsapp)[.-]?$/i;
const PART_OF_A_WORD_BEFORE = /(?:[\p{Script=Latin}\d_]|[\p{Script=Latin}\d]-|\d[.,])$/u;
const PART_OF_A_WORD_AFTER = /^(?:(?![xX])[\p{Script=Latin}\d_]|-[\p{Script=Latin}\d]|,\d{3}(?!\d))/u;

/** A year, a month and a day in any order, with one separator and nothing more attached. */
function isDate(view: string, [one, two, three, next]: DigitWindow): boolean {
  if (one === undefined || two === undefined || three === undefined) return false;
  if (two.separator !== three.separator || !/^[-/.]$/.test(two.separator) || next?.separator === two.separator) return false;
  const shape = shapeOf([one, two, three]);
  const read = ({ start, end }: DigitGroup): number => Number(view.slice(start, end));
  if (/^4-[12]-[12]$/.test(shape)) return read(two) <= 12 && read(three) <= 31;
  return /^[12]-[12]-4$/.test(shape) && Math.min(read(one), read(two)) <= 12 && Math.max(read(one), read(two)) <= 31;
}

/** Where the number really begins: with its + or its opening parenthesis. A + after a word or a number is a sum. */
function readStart(view: string, first: DigitGroup, end: number): { start: number; hasPlus: boolean } {
  const before = view.slice(Math.max(0, first.start - 5), first.start);
  const lead = /(?:\+ ?\(?|\(\+?)$/.exec(before)?.[0] ?? '';
  const isClosed = view.slice(first.start, end).includes(')');
  const kept = isClosed || !lead.includes('(') ? lead : lead.slice(lead.indexOf('(') + 1);
  const start = first.start - kept.length;
  if (!kept.includes('+')) return { start, hasPlus: false };
  const ahead = before.slice(0, before.length - kept.length);
  const isSingleGroup = /^\d+$/.test(view.slice(first.start, end));
  const isSum = /[\p{Script=Latin}\d]$/u.test(ahead) || (isSingleGroup && /[)\]]$/.test(ahead)) || /[\d)\]\p{L}] ?\+ $/u.test(before);
  return isSum ? { start: first.start, hasPlus: false } : { start, hasPlus: true };
}

function standsAlone(view: string, start: number, end: number): boolean {
  const before = view.slice(Math.max(0, start - 9), start);
  if (PART_OF_A_WORD_BEFORE.test(before) && !PHONE_WORD_END.test(before)) return false;
  return !PART_OF_A_WORD_AFTER.test(view.slice(end, end + 5));
}

interface PhoneSpan {
  readonly region: string;
  /** The groups are single digits of one number. */
  readonly isSpelled: boolean;
}

/** The groups as a finding, when together they are a telephone number. */
function readPhone(view: string, groups: DigitWindow, { region, isSpelled }: PhoneSpan): Finding | null {
  const [first, last] = [groups[0], groups.at(-1)];
  const digits = digitsOf(view, groups);
  if (first === undefined || last === undefined || digits.length < LEAST_DIGITS || digits.length > MOST_DIGITS) return null;
  const { start, hasPlus } = readStart(view, first, last.end);
  if (!standsAlone(view, start, last.end)) return null;
  const sizes = isSpelled ? [digits.length] : groups.map((group) => group.end - group.start);
  const separators = isSpelled ? [] : groups.slice(1).map(({ separator }) => separator);
  const words = wordsBefore(view, start, CONTEXT_CHARACTERS);
  const isTail = first.separator === ' ';
  return isPhone({ digits, sizes, separators, hasPlus, isTail, words, region }) ? { kind: 'PHONE', start, end: last.end } : null;
}

/** The most groups from `from` on that one number could have. */
function reach(window: DigitWindow, from: number): number {
  const limit = Math.min(window.length, from + MOST_GROUPS);
  let digits = 0;
  for (let to = from; to < limit; to++) {
    digits += (window[to]?.end ?? 0) - (window[to]?.start ?? 0);
    if (digits > MOST_DIGITS) return to;
  }
  return limit;
}

/** The longest number that begins with the group `from`, and where the search goes on. */
function readLongest(view: string, window: DigitWindow, { from, region }: { from: number; region: string }): [Finding | null, number] {
  const first = window[from];
  if (first === undefined) return [null, from + 1];
  const words = wordsBefore(view, first.start, CONTEXT_CHARACTERS);
  const hasPlus = /\+ ?\(?$/.test(words);
  if (!hasPlus && !mayBeginPhone({ firstGroup: view.slice(first.start, first.end), words, region })) return [null, from + 1];
  for (let to = reach(window, from); to > from; to--) {
    const phone = readPhone(view, window.slice(from, to), { region, isSpelled: false });
    if (phone !== null) return [phone, to];
  }
  return [null, from + 1];
}

function findInWindow(view: string, window: DigitWindow, region: string): Finding[] {
  const findings: Finding[] = [];
  const spelled = new Map(singleDigitRuns(window).filter(([from, to]) => to - from >= LEAST_DIGITS));
  for (let from = 0; from < window.length;) {
    const end = spelled.get(from);
    let phone: Finding | null = null;
    let next = from + 3;
    if (end !== undefined) {
      next = end;
      if (end - from <= MOST_DIGITS) phone = readPhone(view, window.slice(from, end), { region, isSpelled: true });
    } else if (!isDate(view, window.slice(from, from + 4))) {
      [phone, next] = readLongest(view, window, { from, region });
    }
    if (phone !== null) findings.push(phone);
    from = next;
  }
  return findings;
}

/** @param region ISO 3166 code of the country whose national numbers the text most likely holds */
export function createPhoneDetector(region: string): Detector {
  return (view) => readDigitWindows(view, LEAST_DIGITS).flatMap((window) => findInWindow(view, window, region));
}
