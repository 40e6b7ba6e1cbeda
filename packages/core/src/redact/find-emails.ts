/**
 * E-mail addresses, read outwards from each @ (also ＠, %40 and "(at)"): the part before it as far as its script goes, the
 * host name after it as far as it ends in a real ending. Every character is looked at once from each side, so the work is
 * linear whatever the text.
 */
import { judgeEnding } from './domain-endings.ts';
import type { DomainEnding } from './domain-endings.ts';
import type { Finding } from './finding.ts';
import { letterClass } from './letter-class.ts';

const AT = /@|%40|[([] ?(?:at|@) ?[)\]]/gi;
const MAX_LABELS = 12;
/** Between the labels of a host name: a dot, or one that hides from harvesters: "(dot)", " . " after an @ that stands free. */
const DOT = /^(?:[.。]| ?[([] ?(?:dot|punkt|punto|ドット) ?[)\]] ?)/i;
const FREE_DOT = /^(?:[.。]| ?[([] ?(?:dot|punkt|punto|ドット) ?[)\]] ?| \. )/i;
const MAX_DOT = 12;

interface Domain {
  readonly end: number;
  readonly labels: readonly string[];
  readonly ending: DomainEnding;
}

const isLocalMark = (character: string): boolean => character === '.' || character === '_' || character === '+' || character === '-';

/** Is the character at `index` part of the word before the @, for text in Latin and other spaced scripts? */
function isLocal(view: string, index: number, isEncoded: boolean): boolean {
  const character = view.charAt(index);
  if (letterClass(character) === 'word' || isLocalMark(character)) return true;
  if (character === '%') return isEncoded && /^%2[bdef]/i.test(view.slice(index, index + 3));
  if (character !== "'" && character !== '&') return false;
  return index > 0 && letterClass(view.charAt(index - 1)) === 'word' && letterClass(view.charAt(index + 1)) === 'word' && character === "'";
}

/** Where the local part that ends before `end` begins; `end` when there is none. */
function readLocal(view: string, end: number, isEncoded: boolean): number {
  let start = end;
  while (start > 0 && isLocal(view, start - 1, isEncoded)) start--;
  const script = start > 0 ? letterClass(view.charAt(start - 1)) : 'none';
  // 花子@… and 花子2@…: a name in its own script, as far as that script goes.
  if (script !== 'word' && script !== 'none' && !/[\p{L}]/u.test(view.slice(start, end))) {
    while (start > 0 && letterClass(view.charAt(start - 1)) === script) start--;
  }
  while (start < end && isLocalMark(view.charAt(start)) && view.charAt(start) !== '_') start++;
  return start;
}

function readLabel(view: string, start: number): number {
  const isWord = letterClass(view.charAt(start)) === 'word';
  let end = start;
  while (end < view.length && end - start < 64) {
    const character = view.charAt(end);
    const kind = letterClass(character);
    const goesOn = kind === 'none' ? character === '-' && end > start : (kind === 'word') === isWord;
    if (!goesOn) break;
    end++;
  }
  return end;
}

/** A sentence that goes on without a space after the address ("…@example.com.Then") is not part of it. */
function isNextSentence(label: string, before: string): boolean {
  return /^\p{Lu}/u.test(label) && /^[\p{Ll}\d-]+$/u.test(before) && judgeEnding(before) === 'common';
}

/** The longest host name that begins at `start`; null when there is none. */
function readDomain(view: string, start: number, isSpaced: boolean): Domain | null {
  const labels: string[] = [];
  let best: Domain | null = null;
  for (let index = start; labels.length < MAX_LABELS;) {
    const end = readLabel(view, index);
    const label = view.slice(index, end).replace(/-+$/, '');
    if (label === '' || (labels.length > 1 && isNextSentence(label, labels.at(-1) ?? ''))) break;
    labels.push(label);
    const ending = judgeEnding(label);
    if (labels.length > 1 && ending !== 'none') best = { end: index + label.length, labels: [...labels], ending };
    const dot = (isSpaced ? FREE_DOT : DOT).exec(view.slice(end, end + MAX_DOT));
    if (dot === null) break;
    index = end + dot[0].length;
  }
  return best;
}

/** Package names with versions, products of matrices and pictures for dense screens have an @ too. */
function isAddress(view: string, local: string, domain: Domain): boolean {
  if (!/[\p{L}\p{N}]/u.test(local)) return false;
  if (local === 'git' && /^[:/]/.test(view.slice(domain.end, domain.end + 1))) return false;
  if (domain.ending === 'common') return true;
  const [host = ''] = domain.labels;
  return local.length > 1 && host.length > 1 && /\p{L}/u.test(host) && !/^[([=]/.test(view.slice(domain.end, domain.end + 1));
}

/** Finds e-mail addresses. */
export function findEmails(view: string): Finding[] {
  const findings: Finding[] = [];
  for (const { 0: at, index } of view.matchAll(AT)) {
    const afterAt = index + at.length;
    const isSpaced = view.charAt(index - 1) === ' ' || view.charAt(afterAt) === ' ';
    const localEnd = view.charAt(index - 1) === ' ' ? index - 1 : index;
    const domain = readDomain(view, view.charAt(afterAt) === ' ' ? afterAt + 1 : afterAt, isSpaced);
    if (domain === null || (isSpaced && domain.ending !== 'common')) continue;
    const start = Math.max(findings.at(-1)?.end ?? 0, readLocal(view, localEnd, at === '%40'));
    const local = view.slice(start, localEnd);
    if (start < localEnd && !(isSpaced && local.length < 2) && isAddress(view, local, domain))
      findings.push({ kind: 'EMAIL', start, end: domain.end });
  }
  return findings;
}
