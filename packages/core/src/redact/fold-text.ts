/**
 * The folded view: the text as a detector wants to read it (compatibility forms, one dash, one space, ASCII digits, nothing
 * invisible) with the way back to every original character.
 */
import { CLOSE, OPEN } from './placeholder.ts';

export interface FoldedText {
  readonly text: string;
  /** Where in the original the folded character `index` begins (counted in UTF-16 units). */
  startOf(index: number): number;
  /** Where in the original the folded character `index` ends (exclusive). */
  endOf(index: number): number;
}

/** How one UTF-16 unit behaves. */
const UNKNOWN = 0;
const PLAIN = 1;
const FOLDED = 2;
const JOINING = 3;
const LONG_VOWEL = 4;

const classes = new Uint8Array(0x1_0000);

/** Joins the character before it: combining marks, half-width voicing marks, conjoining vowels and finals of Hangul. */
const JOINS = /^[\p{M}\uff9e\uff9f\u1160-\u11ff]$/u;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u20e3]/gu;
/** Dashes, but not the wave dashes, which mark ranges, nor the Japanese double hyphen, which stands inside names. */
const DASH = /^[\u2212\u02d7\u2043\u2796]$|^(?![\u301c\u3030\u30a0])\p{Pd}$/u;
const DECIMAL = /^\p{Nd}$/u;
/** A run longer than Unicode's stream-safe limit is cut, so that a hostile one cannot make normalisation slow. */
const MAX_MARKS = 30;
const MAX_CACHED = 10_000;
const cache = new Map<string, string>();

function decimalValue(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && DECIMAL.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}

function foldOne(raw: string): string {
  if (raw === OPEN || raw === CLOSE) return raw;
  const visible = raw.replace(INVISIBLE, '');
  if (visible === '' || /^[\p{No}\t\n\r]$/u.test(visible)) return visible;
  if (/^\p{Zs}$/u.test(visible)) return ' ';
  if (/^[\u2028\u2029\v\f\u0085]$/.test(visible)) return '\n';
  if (DASH.test(visible)) return '-';
  const composed = visible.normalize('NFKC');
  if (DASH.test(composed)) return '-';
  return DECIMAL.test(composed) && !/^\d$/.test(composed) ? decimalValue(composed) : composed;
}

function foldCluster(raw: string): string {
  const known = cache.get(raw);
  if (known !== undefined) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const folded = foldOne(raw);
  cache.set(raw, folded);
  return folded;
}

function classify(unit: number): number {
  const character = String.fromCharCode(unit);
  if (unit === 0x30fc || unit === 0xff70) return LONG_VOWEL;
  if (JOINS.test(character)) return JOINING;
  if (unit >= 0xd800 && unit <= 0xdfff) return FOLDED;
  return foldOne(character) === character ? PLAIN : FOLDED;
}

function classOf(unit: number): number {
  const known = classes[unit] ?? UNKNOWN;
  if (known !== UNKNOWN) return known;
  const found = classify(unit);
  classes[unit] = found;
  return found;
}

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
/** The Japanese long vowel mark is typed for a dash between digits; anywhere else it is a letter. */
function isDashBetweenDigits(text: string, index: number, lastPiece: string): boolean {
  return isDigit(lastPiece.charCodeAt(lastPiece.length - 1)) && DECIMAL.test(text.charAt(index + 1));
}

function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const kind = classOf(text.charCodeAt(index));
    if (kind === PLAIN) continue;
    if (kind !== LONG_VOWEL || DECIMAL.test(text.charAt(index + 1)) || text.charCodeAt(index) === 0xff70) return false;
  }
  return true;
}

/** End of the cluster that begins at `start`: one code point and the marks that join it. */
function clusterEnd(text: string, start: number): number {
  let end = start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
  const first = text.charAt(start);
  if (first === OPEN || first === CLOSE) return end;
  const limit = Math.min(text.length, end + MAX_MARKS);
  while (end < limit && classOf(text.charCodeAt(end)) === JOINING) end++;
  return end;
}

/**
 * Folds a text for matching. Linear in its length.
 * @returns the folded text and its way back; a text that folds to itself is returned as it is
 */
export function foldText(text: string): FoldedText {
  if (isPlain(text)) return { text, startOf: (index) => index, endOf: (index) => index + 1 };
  const starts: number[] = [];
  const ends: number[] = [];
  const pieces: string[] = [];
  let lastPiece = '';
  for (let index = 0; index < text.length;) {
    const end = clusterEnd(text, index);
    const unit = text.charCodeAt(index);
    let piece = text.slice(index, end);
    if (classOf(unit) === LONG_VOWEL && end === index + 1 && isDashBetweenDigits(text, index, lastPiece)) piece = '-';
    else if (end > index + 1 || classOf(unit) !== PLAIN) piece = foldCluster(piece);
    for (let copy = 0; copy < piece.length; copy++) {
      starts.push(index);
      ends.push(end);
    }
    pieces.push(piece);
    if (piece !== '') lastPiece = piece;
    index = end;
  }
  return { text: pieces.join(''), startOf: (index) => starts[index] ?? text.length, endOf: (index) => ends[index] ?? text.length };
}
