/**
 * Placeholders: what stands in a prompt where personal data stood. `⟦EMAIL_1⟧` is the first e-mail address of a request;
 * `⟦EMAIL_1.2⟧` is the same address in its second spelling, so that filling back restores the text exactly.
 */

/** The kinds of personal data that are recognised. SSN covers national ids (US Social Security, Japanese My Number). */
export const PERSONAL_KINDS = ['EMAIL', 'PHONE', 'CARD', 'IBAN', 'IP', 'SSN', 'KEY', 'NAME'] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** LEFT and RIGHT stand for the characters ⟦ and ⟧ of a caller's own text. */
export const PLACEHOLDER_KINDS = [...PERSONAL_KINDS, 'LEFT', 'RIGHT'] as const;
export type PlaceholderKind = (typeof PLACEHOLDER_KINDS)[number];

export const OPEN = '⟦';
export const CLOSE = '⟧';

/** One value that left the text. */
export interface Placeholder {
  /** As it stands in the text, for example `⟦EMAIL_1⟧`. */
  readonly token: string;
  readonly kind: PlaceholderKind;
  /** Exactly what stood in the text. Equal to the token when the caller's text held a placeholder of its own. */
  readonly value: string;
}

const PLACEHOLDER = new RegExp(`${OPEN}(${PLACEHOLDER_KINDS.join('|')})_([1-9]\\d{0,6})(?:\\.([1-9]\\d{0,6}))?${CLOSE}`, 'gu');

/** A well-formed placeholder in a text. */
export interface PlaceholderMatch {
  readonly token: string;
  readonly kind: PlaceholderKind;
  readonly number: number;
  readonly start: number;
  readonly end: number;
}

/** The well-formed placeholders of a text, in order. */
export function readPlaceholders(text: string): PlaceholderMatch[] {
  return Array.from(text.matchAll(PLACEHOLDER), ({ 0: token, 1: name, 2: number, index }) => ({
    token,
    kind: PLACEHOLDER_KINDS.find((kind) => kind === name) ?? 'LEFT',
    number: Number(number),
    start: index,
    end: index + token.length,
  }));
}

/** @returns true when the values hold personal data, not only brackets of the caller's own text */
export function hasPersonalData(values: readonly Placeholder[]): boolean {
  return values.some(({ kind, value, token }) => kind !== 'LEFT' && kind !== 'RIGHT' && value !== token);
}
