/** Runs of digits written together: groups of digits with at most a space, a dash, a dot, a slash or parentheses between. */

export interface DigitGroup {
  readonly start: number;
  readonly end: number;
  /** What stands between the group before and this one; empty for the first. */
  readonly separator: string;
}

/** Groups that could belong to one number. */
export type DigitWindow = readonly DigitGroup[];

const SEPARATOR = /^(?:[ \-./]|-? ?\(|\)[ -]?| - )$/;
const MAX_SEPARATOR = 3;

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

function skipDigits(view: string, start: number): number {
  let end = start;
  while (end < view.length && isDigit(view.charCodeAt(end))) end++;
  return end;
}

/** The separator that begins at `start` and is followed by a digit; null when the number ends there. */
function readSeparator(view: string, start: number): string | null {
  for (let length = 1; length <= MAX_SEPARATOR; length++) {
    if (!isDigit(view.charCodeAt(start + length))) continue;
    const separator = view.slice(start, start + length);
    return SEPARATOR.test(separator) ? separator : null;
  }
  return null;
}

/** The windows of a text that hold at least `leastDigits` digits. Linear. */
export function readDigitWindows(view: string, leastDigits: number): DigitWindow[] {
  const windows: DigitWindow[] = [];
  for (let index = 0; index < view.length; index++) {
    if (!isDigit(view.charCodeAt(index))) continue;
    const groups: DigitGroup[] = [];
    let digits = 0;
    let separator: string | null = '';
    while (separator !== null) {
      const start = index + separator.length;
      index = skipDigits(view, start);
      digits += index - start;
      groups.push({ start, end: index, separator });
      separator = readSeparator(view, index);
    }
    if (digits >= leastDigits) windows.push(groups);
  }
  return windows;
}

/** The digits of some neighbouring groups. */
export function digitsOf(view: string, groups: DigitWindow): string {
  return groups.map(({ start, end }) => view.slice(start, end)).join('');
}

/** The lengths of the groups, as `4-4-4-4`. */
export function shapeOf(groups: DigitWindow): string {
  return groups.map(({ start, end }) => end - start).join('-');
}

/** @returns true when the same separator stands between all groups */
export function isEven(groups: DigitWindow): boolean {
  return groups.slice(2).every(({ separator }) => separator === groups[1]?.separator);
}

/**
 * The maximal runs of groups that stand alone digit by digit with one separator ("4 1 1 1"), as [from, to) pairs of the window.
 */
export function singleDigitRuns(window: DigitWindow): [number, number][] {
  const runs: [number, number][] = [];
  let from = 0;
  const isSingle = (group: DigitGroup | undefined): boolean => group !== undefined && group.end - group.start === 1;
  for (let to = 0; to <= window.length; to++) {
    const goesOn = isSingle(window[to]) && (to - from < 2 || window[to]?.separator === window[from + 1]?.separator);
    if (goesOn) continue;
    if (to - from > 1) runs.push([from, to]);
    from = isSingle(window[to]) ? to : to + 1;
  }
  return runs;
}
