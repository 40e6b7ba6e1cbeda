/** Bank accounts: an IBAN (ISO 13616) with the length of its country and right check digits. */
import { getCountrySpecifications } from 'ibantools';
import { wordsBefore } from './finding.ts';
import type { Finding } from './finding.ts';

const CANDIDATE = /(?<=^|iban|[^\p{Script=Latin}\d])[a-z]{2}[ -]?\d[ -]?\d/giu;
/** Every country's accounts have this many digits; a sentence after the Spanish word "iban" has not. */
const LEAST_DIGITS = 10;
const CHARACTER = /[a-z\d]/i;

const lengths = new Map(Object.entries(getCountrySpecifications()).map(([country, { chars }]) => [country, chars ?? 0]));

/** ISO 7064 mod 97-10 over the account first, then country and check digits, letters as 10 to 35. */
function hasRightCheckDigits(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** End of the IBAN of `length` characters that begins at `start`, at most one space or dash between them; -1 when it is shorter. */
function readEnd(view: string, start: number, length: number): number {
  let index = start;
  for (let count = 0; count < length; count++) {
    if (count > 0 && /[ -]/.test(view.charAt(index))) index++;
    if (!CHARACTER.test(view.charAt(index))) return -1;
    index++;
  }
  return index;
}

/** Finds IBANs; where the word IBAN stands before, wrong check digits do not matter: it is somebody's account with a typing error. */
export function findIbans(view: string): Finding[] {
  const findings: Finding[] = [];
  let from = 0;
  for (const { index } of view.matchAll(CANDIDATE)) {
    const length = lengths.get(view.slice(index, index + 2).toUpperCase()) ?? 0;
    const end = length === 0 || index < from ? -1 : readEnd(view, index, length);
    if (end < 0 || /^[\p{Script=Latin}\d]/u.test(view.slice(end, end + 1))) continue;
    const iban = view.slice(index, end).replace(/[ -]/g, '').toUpperCase();
    const isNamed = /iban\W{0,8}$/.test(wordsBefore(view, index, 12)) && iban.replace(/\D/g, '').length >= LEAST_DIGITS;
    if (!isNamed && !hasRightCheckDigits(iban)) continue;
    findings.push({ kind: 'IBAN', start: index, end });
    from = end;
  }
  return findings;
}
