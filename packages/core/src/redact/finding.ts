/** What a detector reads and what it answers. */
import { CLOSE, OPEN } from './placeholder.ts';
import type { PersonalKind } from './placeholder.ts';

/** Personal data at [start, end) of the folded view. */
export interface Finding {
  readonly kind: PersonalKind;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds one kind of personal data in a folded text. Findings of one call do not overlap and come in order. What is already
 * taken reads as ⟦ repeated: a wall that belongs to no value and that no context crosses.
 */
export type Detector = (view: string) => Finding[];

/** The wall character. */
const WALL = OPEN;

/** The words of the same line that stand before `index`, at most `length` characters, lower case, cut at a wall. */
export function wordsBefore(view: string, index: number, length: number): string {
  const words = view.slice(Math.max(0, index - length), index);
  const cut = Math.max(words.lastIndexOf(OPEN), words.lastIndexOf(CLOSE), words.lastIndexOf('\n'));
  return words.slice(cut + 1).toLowerCase();
}

/** The view with every finding turned into a wall of the same length. */
export function maskFindings(view: string, findings: readonly { readonly start: number; readonly end: number }[]): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of findings) {
    masked += view.slice(from, start) + WALL.repeat(end - start);
    from = end;
  }
  return masked + view.slice(from);
}
