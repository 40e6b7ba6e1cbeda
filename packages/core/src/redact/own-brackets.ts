/** The characters ⟦ and ⟧ that a caller's text holds of its own. */
import { CLOSE, OPEN, readPlaceholders } from './placeholder.ts';
import type { PlaceholderMatch } from './placeholder.ts';

interface Bracket {
  readonly kind: 'LEFT' | 'RIGHT';
  readonly start: number;
  readonly end: number;
}

export interface OwnBrackets {
  /** Well-formed placeholders, which stay and stand for themselves. */
  readonly placeholders: readonly PlaceholderMatch[];
  /** Every other bracket, to be replaced. */
  readonly brackets: readonly Bracket[];
}

/**
 * @param reserve takes a well-formed placeholder of the text; false when it stands for something else already
 */
export function readOwnBrackets(text: string, reserve: (own: PlaceholderMatch) => boolean): OwnBrackets {
  if (!text.includes(OPEN) && !text.includes(CLOSE)) return { placeholders: [], brackets: [] };
  const placeholders = readPlaceholders(text).filter(reserve);
  const brackets: Bracket[] = [];
  let next = 0;
  for (const { 0: bracket, index } of text.matchAll(/[⟦⟧]/g)) {
    while ((placeholders[next]?.end ?? Infinity) <= index) next++;
    if ((placeholders[next]?.start ?? Infinity) <= index) continue;
    brackets.push({ kind: bracket === OPEN ? 'LEFT' : 'RIGHT', start: index, end: index + 1 });
  }
  return { placeholders, brackets };
}
