/** The redaction of one request: detectors and a numbering that all its texts share. */
import { createNameDetector } from './find-names.ts';
import { createDetectors, findPersonalData } from './find-personal-data.ts';
import type { GatedDetector } from './find-personal-data.ts';
import { maskFindings } from './finding.ts';
import { foldText } from './fold-text.ts';
import type { FoldedText } from './fold-text.ts';
import { readOwnBrackets } from './own-brackets.ts';
import { PlaceholderBook } from './placeholder-book.ts';
import type { Placeholder, PlaceholderKind, PlaceholderMatch } from './placeholder.ts';

/** Without one of these no structured kind can be in a text. */
const CANDIDATE = /[\p{Nd}@＠﹫⟦⟧]|[([（［]\s?[aAａＡ][tTｔＴ]\s?[)\]）］]|:\/\//u;

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
  readonly #region: string;
  /** For a text that no structured kind can be in: the names alone. */
  readonly #nameDetectors: readonly GatedDetector[];
  #allDetectors: readonly GatedDetector[] | undefined;

  constructor({ knownNames, region, values }: RedactionSettings) {
    this.#region = region;
    this.#book = new PlaceholderBook(values, region);
    const findNames = createNameDetector(knownNames);
    this.#nameDetectors = findNames === null ? [] : [{ needs: /[^]/, find: findNames }];
  }

  /** Every placeholder so far, by first appearance. */
  get values(): Placeholder[] {
    return this.#book.values;
  }

  /** The text with a placeholder wherever personal data stood. */
  redactText(text: string): string {
    const isCandidate = CANDIDATE.test(text);
    if (!isCandidate && this.#nameDetectors.length === 0) return text;
    const { placeholders, brackets } = readOwnBrackets(text, ({ token, kind }) => this.#book.reserve(token, kind));
    const found = findIn(text, placeholders, isCandidate ? this.#detectors : this.#nameDetectors);
    const replaced = brackets.length === 0 ? found : [...found, ...brackets].toSorted((one, other) => one.start - other.start);
    let result = '';
    let from = 0;
    for (const { kind, start, end } of replaced) {
      result += text.slice(from, start) + this.#book.tokenFor(kind, text.slice(start, end));
      from = end;
    }
    return result + text.slice(from);
  }

  get #detectors(): readonly GatedDetector[] {
    this.#allDetectors ??= [...createDetectors(this.#region), ...this.#nameDetectors];
    return this.#allDetectors;
  }
}

/** @param own placeholders of the text itself, which no finding touches */
function findIn(text: string, own: readonly PlaceholderMatch[], detectors: readonly GatedDetector[]): Replaced[] {
  const folded = foldText(text);
  const walls = own.map(({ start, end }) => ({ start: foldedPosition(folded, start), end: foldedPosition(folded, end) }));
  const view = walls.length === 0 ? folded.text : maskFindings(folded.text, walls);
  return findPersonalData(view, folded, detectors).map(({ kind, start, end }) => ({
    kind,
    start: folded.startOf(start),
    end: folded.endOf(end - 1),
  }));
}
