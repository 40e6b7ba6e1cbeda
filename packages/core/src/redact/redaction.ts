/** The redaction of one request: detectors and a numbering that all its texts share. */
import { createDetectors, findPersonalData } from './find-personal-data.ts';
import type { GatedDetector } from './find-personal-data.ts';
import { maskFindings } from './finding.ts';
import { foldText } from './fold-text.ts';
import type { FoldedText } from './fold-text.ts';
import { readOwnBrackets } from './own-brackets.ts';
import { PlaceholderBook } from './placeholder-book.ts';
import type { Placeholder, PlaceholderKind } from './placeholder.ts';

/** Without one of these no structured kind can be in a text. */
const CANDIDATE = /[\p{Nd}@＠﹫⟦⟧]|[([（［]\s?at\s?[)\]）］]|:\/\//iu;

/** A stretch of the original text that a placeholder replaces. */
interface Replaced {
  readonly kind: PlaceholderKind;
  readonly start: number;
  readonly end: number;
}

/** The first folded position at or after an original one. */
function foldedPosition(folded: FoldedText, original: number): number {
  let low = 0;
  let high = folded.text.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (folded.startOf(middle) < original) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface RedactionSettings {
  readonly knownNames: readonly string[];
  readonly region: string;
  readonly values: readonly Placeholder[];
}

export class Redaction {
  readonly #book: PlaceholderBook;
  readonly #settings: RedactionSettings;
  #detectors: readonly GatedDetector[] | undefined;

  constructor(settings: RedactionSettings) {
    this.#settings = settings;
    this.#book = new PlaceholderBook(settings.values, settings.region);
  }

  /** Every placeholder so far, by first appearance. */
  get values(): Placeholder[] {
    return this.#book.values;
  }

  /** The text with a placeholder wherever personal data stood. */
  redactText(text: string): string {
    if (this.#settings.knownNames.length === 0 && !CANDIDATE.test(text)) return text;
    const { placeholders, brackets } = readOwnBrackets(text, ({ token, kind }) => this.#book.reserve(token, kind));
    const found = this.#find(text, placeholders);
    const replaced = brackets.length === 0 ? found : [...found, ...brackets].toSorted((one, other) => one.start - other.start);
    let result = '';
    let from = 0;
    for (const { kind, start, end } of replaced) {
      result += text.slice(from, start) + this.#book.tokenFor(kind, text.slice(start, end));
      from = end;
    }
    return result + text.slice(from);
  }

  #find(text: string, own: readonly { readonly start: number; readonly end: number }[]): Replaced[] {
    this.#detectors ??= createDetectors(this.#settings.knownNames, this.#settings.region);
    const folded = foldText(text);
    const walls = own.map(({ start, end }) => ({ start: foldedPosition(folded, start), end: foldedPosition(folded, end) }));
    const view = walls.length === 0 ? folded.text : maskFindings(folded.text, walls);
    return findPersonalData(view, folded, this.#detectors).map(({ kind, start, end }) => ({
      kind,
      start: folded.startOf(start),
      end: folded.endOf(end - 1),
    }));
  }
}
