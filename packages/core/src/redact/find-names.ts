/**
 * Names that the caller knows. They are found exactly, in any case and width: as whole words where words have spaces, anywhere
 * in writing without spaces, and however the parts are joined (a space, a line break, a dot, a dash).
 */
import { AiCoreError } from '../errors.ts';
import type { Detector } from './finding.ts';
import { foldText } from './fold-text.ts';
import { UNSPACED } from './letter-class.ts';

const MAX_KNOWN_NAMES = 100;
const MAX_NAME_CHARACTERS = 300;
const LEAST_CHARACTERS = 2;

const IS_UNSPACED = new RegExp(`^[${UNSPACED}]$`, 'v');
const LETTER = `[[\\p{L}\\p{M}\\p{N}]--[${UNSPACED}]]`;
const isUnspaced = (character: string | undefined): boolean => character !== undefined && IS_UNSPACED.test(character);
const isLetter = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{M}\p{N}]/u.test(character);

function escapePattern(character: string): string {
  return /^[\p{L}\p{M}\p{N} ]$/u.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Between two characters of unspaced writing a space or a middle dot may stand or be missing. */
function joinPattern(characters: readonly string[]): string {
  let pattern = '';
  for (const [index, character] of characters.entries()) {
    const [before, after] = [characters[index - 1], characters[index + 1]];
    if (character === ' ') pattern += isUnspaced(before) && isUnspaced(after) ? '' : '[\\s.\\-_+]{1,3}';
    else
      pattern +=
        (isUnspaced(before === ' ' ? characters[index - 2] : before) && isUnspaced(character) ? '[\\s・·]?' : '') +
        escapePattern(character);
  }
  return pattern;
}

function patternOf(name: string): string {
  const characters = [...name];
  const [first, last] = [characters[0], characters.at(-1)];
  const begin = isLetter(first) && !isUnspaced(first) ? `(?<!${LETTER})` : '';
  const end = isLetter(last) && !isUnspaced(last) ? `(?!${LETTER})` : '';
  return begin + joinPattern(characters) + end;
}

function foldNames(names: readonly string[]): string[] {
  if (names.length > MAX_KNOWN_NAMES)
    throw new AiCoreError('REQUEST_INVALID', `known_names holds ${names.length} names; send at most ${MAX_KNOWN_NAMES}.`);
  if (names.some((name) => name.length > MAX_NAME_CHARACTERS))
    throw new AiCoreError(
      'REQUEST_INVALID',
      `a name in known_names is longer than ${MAX_NAME_CHARACTERS} characters; send the name alone.`,
    );
  const folded = names.map((name) => foldText(name).text.replace(/[⟦⟧]/g, '').replace(/\s+/g, ' ').trim());
  // The longest first, so that a full name wins over its parts.
  return [...new Set(folded)].filter((name) => [...name].length >= LEAST_CHARACTERS).toSorted((one, other) => other.length - one.length);
}

/** Lower case with one form of sigma, for the quick look. */
const lower = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ');

/** The part of a name that stands in a text unbroken, however the name is spaced there. */
function unbrokenPart(name: string): string {
  const [first = ''] = name;
  if (isUnspaced(first)) return lower(first);
  const characters = [...name];
  const end = characters.findIndex((character) => character === ' ' || isUnspaced(character));
  return lower(end < 0 ? name : characters.slice(0, end).join(''));
}

/**
 * @param names as the caller knows them; those of a single character are ignored, they would hit ordinary words
 * @returns null when there is nothing to look for
 * @throws AiCoreError REQUEST_INVALID for more than 100 names or one over 300 characters
 */
export function createNameDetector(names: readonly string[]): Detector | null {
  const folded = foldNames(names);
  if (folded.length === 0) return null;
  let pattern: RegExp | undefined;
  const parts = folded.map(unbrokenPart);
  // Most texts do not hold the name at all, which a plain search tells before the pattern is even built.
  const mayHold = (view: string): boolean => {
    const lowered = lower(view);
    return parts.some((part) => lowered.includes(part));
  };
  return (view) => {
    if (!mayHold(view)) return [];
    pattern ??= new RegExp(folded.map(patternOf).join('|'), 'giv');
    return Array.from(view.matchAll(pattern), ({ 0: name, index }) => ({ kind: 'NAME', start: index, end: index + name.length }));
  };
}
