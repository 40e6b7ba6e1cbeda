/** Classes of letters: writing without spaces between words must be cut where the script changes. */

export type LetterClass = 'word' | 'han' | 'hiragana' | 'katakana' | 'hangul' | 'none';

const SCRIPTS: readonly (readonly [LetterClass, RegExp])[] = [
  ['han', /^[\p{Script=Han}々〆\ud840-\udfff]$/u],
  ['hiragana', /^\p{Script=Hiragana}$/u],
  ['katakana', /^[\p{Script=Katakana}ー]$/u],
  ['hangul', /^\p{Script=Hangul}$/u],
  ['word', /^[\p{L}\p{N}\p{M}]$/u],
];

/** @returns the class of one UTF-16 unit; halves of surrogate pairs count as Han, where rare name characters are */
export function letterClass(character: string): LetterClass {
  if (character < '\x80') return /^[A-Za-z\d]$/.test(character) ? 'word' : 'none';
  return SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0] ?? 'none';
}

/** The scripts that are written without spaces, for use inside a character class with the v flag. */
export const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}ー々〆';
