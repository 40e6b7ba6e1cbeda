/**
 * Text as the prompt hash sees it (docs: "Identity"). Two prompts with the same normal form are the same question.
 * White space is what ECMAScript calls white space (`\s`): tab, LF, VT, FF, CR, every Unicode space separator, the line and
 * paragraph separators and the byte order mark. A client that hashes in another language must use the same set.
 */
import { AiCoreError } from './errors.ts';
import type { Normalization } from './request.ts';

const BEYOND_LATIN_1 = /[^\0-\xff]/;
const FOLDABLE_IN_LATIN_1 = /[\t-\r\xa0]| {2}/;
const FOLDABLE = /\s{2,}|[^\S ]/g;
const CARRIAGE_RETURN = /\r\n?/g;

/**
 * Unicode NFC. Text without a character above U+00FF is already in that form: no Latin-1 character decomposes further or
 * combines with its neighbour, and the check costs a tenth of the conversion.
 */
export function toNfc(text: string): string {
  return BEYOND_LATIN_1.test(text) ? text.normalize('NFC') : text;
}

function foldSpace(text: string): string {
  const trimmed = text.trim();
  // One scan for the few Latin-1 spaces is cheaper than the general replacement, and most prompts need no folding.
  if (!BEYOND_LATIN_1.test(trimmed) && !FOLDABLE_IN_LATIN_1.test(trimmed)) return trimmed;
  return trimmed.replace(FOLDABLE, ' ');
}

const NORMAL_FORMS = {
  loose: (text) => foldSpace(toNfc(text)).toLowerCase(),
  exact: (text) => {
    const composed = toNfc(text);
    return (composed.includes('\r') ? composed.replace(CARRIAGE_RETURN, '\n') : composed).trim();
  },
} as const satisfies Record<Normalization, (text: string) => string>;

/**
 * The normal form of a prompt.
 * @param normalization loose: NFC, outer white space stripped, each run of white space one space, Unicode default lower case.
 *   exact: NFC, CRLF and CR to LF, outer white space stripped.
 */
export function normalize(text: string, normalization: Normalization): string {
  return NORMAL_FORMS[normalization](text);
}

/** @returns false for text with U+0000 or half of a surrogate pair, which Postgres cannot keep as it is */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Refuses text that Postgres cannot keep as it is: U+0000 is an error there, and an unpaired surrogate silently becomes
 * U+FFFD, which would make different prompts one.
 * @param where the name of the field, for the message
 * @throws AiCoreError REQUEST_INVALID
 */
export function assertStorable(text: string, where: string): void {
  if (text.includes('\0'))
    throw new AiCoreError('REQUEST_INVALID', `${where} contains the character U+0000, which cannot be stored; remove it.`);
  if (!text.isWellFormed())
    throw new AiCoreError('REQUEST_INVALID', `${where} contains half of a surrogate pair, which is not text; send valid UTF-8.`);
}
