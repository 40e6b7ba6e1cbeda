/** Filling back: the answer of a model gets the caller's own values where the placeholders stand. */
import { PERSONAL_KINDS } from './placeholder.ts';
import type { Placeholder } from './placeholder.ts';

export interface FilledText {
  readonly text: string;
  /**
   * The answer holds a placeholder that the request did not have, or a damaged one. Such an answer serves only the caller it
   * was made for and is not remembered.
   */
  readonly foreign: boolean;
}

/** Longest inside of a placeholder, damage included. */
export const MAX_INSIDE = 40;
const BRACKETED = new RegExp(`⟦([^⟦⟧]{0,${MAX_INSIDE}})⟧|[⟦⟧]`, 'g');

/** A placeholder that lost its brackets, as `[EMAIL_1]` or `email_1`. */
function lostBrackets(values: readonly Placeholder[]): RegExp | null {
  const kinds = PERSONAL_KINDS.filter((kind) => values.some((value) => value.kind === kind));
  return kinds.length === 0 ? null : new RegExp(`(?:${kinds.join('|')})_\\d`, 'i');
}

/** The longest text that `lostBrackets` needs to see at once. */
const LOST_BRACKETS_REACH = 8;

/** Fills text whose placeholders are whole; keeps in mind whether any was foreign. */
export class Filler {
  readonly #values: ReadonlyMap<string, string>;
  readonly #lostBrackets: RegExp | null;
  /** The end of the text outside placeholders, in case the next piece goes on with it. */
  #tail = '';
  #foreign = false;

  constructor(values: readonly Placeholder[]) {
    this.#values = new Map(values.map(({ token, value }) => [token, value]));
    this.#lostBrackets = lostBrackets(values);
  }

  get foreign(): boolean {
    return this.#foreign;
  }

  /** @param text must not end inside a placeholder */
  fill(text: string): string {
    let filled = '';
    let from = 0;
    for (const { 0: token, 1: inside, index } of text.matchAll(BRACKETED)) {
      filled += this.#keep(text.slice(from, index)) + this.#valueOf(token, inside);
      from = index + token.length;
      this.#tail = '';
    }
    return filled + this.#keep(text.slice(from));
  }

  #keep(outside: string): string {
    if (this.#lostBrackets === null || this.#foreign || outside === '') return outside;
    const seen = this.#tail + outside;
    this.#foreign = this.#lostBrackets.test(seen);
    this.#tail = seen.slice(-LOST_BRACKETS_REACH);
    return outside;
  }

  #valueOf(token: string, inside: string | undefined): string {
    const value = this.#values.get(token);
    if (value !== undefined) return value;
    this.#foreign = true;
    // A change of case, width or spacing still says which value is meant: the caller gets it, nobody else will.
    const repaired = inside?.normalize('NFKC').replace(/\s/g, '').toUpperCase();
    return this.#values.get(`⟦${repaired}⟧`) ?? token;
  }
}

/**
 * Puts a caller's values back into an answer.
 * @param values what `redact` took out of that caller's request
 */
export function fillBack(text: string, values: readonly Placeholder[]): FilledText {
  const filler = new Filler(values);
  return { text: filler.fill(text), foreign: filler.foreign };
}
