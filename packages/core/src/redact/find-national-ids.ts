/** National ids that can be told from other numbers: the US Social Security number and the Japanese My Number. */
import { digitsOf, isEven, readDigitWindows, shapeOf } from './digit-window.ts';
import type { DigitWindow } from './digit-window.ts';
import { wordsBefore } from './finding.ts';
import type { Finding } from './finding.ts';

const CONTEXT_CHARACTERS = 28;
const SSN_WORDS = /(?:\bssn\b|social security|seguro social|sozialversicherung|社会保障)/;
const MY_NUMBER_WORDS = /(?:マイナンバー|個人番号|my ?number)/;

/** Areas 000, 666 and 900 to 999, group 00 and serial 0000 are never given out (Social Security Administration). */
function isSsn(digits: string): boolean {
  return /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);
}

/** The check digit of the twelve digits (order of the Ministry of Internal Affairs, 2014, article 5). */
function isMyNumber(digits: string): boolean {
  if (!/^\d{12}$/.test(digits)) return false;
  let sum = 0;
  for (let position = 1; position <= 11; position++)
    sum += Number(digits.charAt(11 - position)) * (position <= 6 ? position + 1 : position - 5);
  const rest = sum % 11;
  return Number(digits.charAt(11)) === (rest <= 1 ? 0 : 11 - rest);
}

/** How the ids are written, by the number of groups. */
const SHAPES = new Map([
  [3, ['3-2-4', '4-4-4']],
  [1, ['9', '12']],
]);

function isNationalId(view: string, groups: DigitWindow, isAlone: boolean): boolean {
  const digits = digitsOf(view, groups);
  const words = wordsBefore(view, groups[0]?.start ?? 0, CONTEXT_CHARACTERS);
  if (digits.length === 12) return MY_NUMBER_WORDS.test(words) && isMyNumber(digits);
  if (!isSsn(digits)) return false;
  return SSN_WORDS.test(words) || (groups.length === 3 && isEven(groups) && groups[1]?.separator === '-' && isAlone);
}

function standsAlone(view: string, start: number, end: number): boolean {
  return (
    !/[\p{Script=Latin}\d_]$|\d[.,-]$/u.test(view.slice(Math.max(0, start - 2), start)) &&
    !/^[\p{Script=Latin}\d_]/u.test(view.slice(end, end + 1))
  );
}

function findInWindow(view: string, window: DigitWindow): Finding[] {
  const findings: Finding[] = [];
  for (let from = 0; from < window.length; from++) {
    for (const [count, shapes] of SHAPES) {
      const groups = window.slice(from, from + count);
      const [first, last] = [groups[0], groups[count - 1]];
      if (first === undefined || last === undefined || !shapes.includes(shapeOf(groups))) continue;
      if (!standsAlone(view, first.start, last.end)) continue;
      const isAlone = (from === 0 || first.separator !== '-') && window[from + count]?.separator !== '-';
      if (!isNationalId(view, groups, isAlone)) continue;
      findings.push({ kind: 'SSN', start: first.start, end: last.end });
      from += count - 1;
      break;
    }
  }
  return findings;
}

/** Finds national ids: those that look like nothing else, and the others where the words before them say what they are. */
export function findNationalIds(view: string): Finding[] {
  return readDigitWindows(view, 9).flatMap((window) => findInWindow(view, window));
}
