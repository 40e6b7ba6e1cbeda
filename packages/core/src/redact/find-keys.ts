/**
 * Secrets of machines: API keys with a known prefix, signed tokens, private keys, passwords inside addresses, and values
 * that an assignment calls a key, a token or a password.
 */
import type { Finding } from './finding.ts';

/** Prefixes that vendors give their keys, with the shortest rest. All stand at the beginning of a word. */
const PREFIXES: readonly (readonly [prefix: string, rest: string])[] = [
  ['sk-', '[\\w-]{20,}'],
  ['(?:sk|rk|pk)_(?:live|test|proj)_', '\\w{16,}'],
  ['sk_', '[\\da-f]{32,}'],
  ['(?:AKIA|ASIA|AROA|AIDA)', '[A-Z\\d]{16}(?![A-Za-z\\d])'],
  ['AIza', '[\\w-]{30,}'],
  ['ya29\\.', '[\\w-]{20,}'],
  ['gh[pousr]_', '\\w{20,}'],
  ['github_pat_', '\\w{20,}'],
  ['glpat-', '[\\w-]{20,}'],
  ['xox[abeoprs]-', '[\\w-]{10,}'],
  ['xapp-', '[\\w-]{20,}'],
  ['(?:hf|gsk|npm)_', '[A-Za-z\\d]{20,}'],
  ['xai-', '[A-Za-z\\d]{20,}'],
  ['r8_', '[A-Za-z\\d]{20,}'],
  ['SG\\.', '[\\w-]{16,}\\.[\\w-]{16,}'],
  ['(?:dop_v1|shpat|shpss|lin_api|pplx|nvapi)[_-]', '[\\w-]{20,}'],
  ['eyJ', '[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*)?'],
];
const PREFIXED = new RegExp(`(?<![A-Za-z\\d_-])(?:${PREFIXES.map(([prefix, rest]) => prefix + rest).join('|')})`, 'g');

const ASSIGNED =
  /(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|access[_-]?token|auth[_-]?token|token|passw(?:or)?d|passwort|contraseña|パスワード|bearer)["'’]?(?: ?[:=]{1,2}>? ?| )["'‘]?(?:bearer )?([\w\-+/=!$%&*#]{8,})/giu;
const IN_ADDRESS = /:\/\/([^\s/@:⟦⟧"'<>]{0,64}:([^\s/@⟦⟧"'<>]{1,128}))@/g;
/** What documentation writes where a password would stand. */
const STAND_IN = /^(?:passw(?:or)?d|pass|secret|token|x+|\*+|\$\{?\w+\}?|\{+\w+\}+|%\w+%|your[\w-]*|\w*example\w*|changeme)$/i;

/** The body stops at the next five dashes, so a text full of beginnings is still read once. */
const BLOCK = /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----(?:[^-⟦⟧]|-(?!----))*-----END [A-Z ]{0,32}PRIVATE KEY-----/g;

/** A random value mixes letters and digits without a break; words and class names do not. */
function isRandom(value: string, leastRun: number): boolean {
  return (value.match(/[A-Za-z\d]+/g) ?? []).some((run) => run.length >= leastRun && /\d/.test(run) && /[A-Za-z]/.test(run));
}

/** Vendors' prefixes are rare enough that a long run of both cases is a key even when chance gave it no digit. */
function isLongMixture(value: string): boolean {
  return (value.match(/[A-Za-z]{20,}/g) ?? []).some((run) => /[a-z]/.test(run) && /[A-Z]/.test(run));
}

function findBlocks(view: string): Finding[] {
  return Array.from(view.matchAll(BLOCK), ({ 0: block, index }) => ({ kind: 'KEY', start: index, end: index + block.length }));
}

function findPrefixed(view: string): Finding[] {
  const findings: Finding[] = [];
  for (const { 0: key, index } of view.matchAll(PREFIXED)) {
    const kept = key.replace(/[-_]+$/, '');
    const isKey = kept.startsWith('sk-') ? isRandom(kept, 12) : isRandom(kept, 8) || isLongMixture(kept);
    if (isKey) findings.push({ kind: 'KEY', start: index, end: index + kept.length });
  }
  return findings;
}

function findAssigned(view: string): Finding[] {
  const findings: Finding[] = [];
  for (const match of view.matchAll(ASSIGNED)) {
    const value = (match[1] ?? '').replace(/[-_]+$/, '');
    const start = match.index + match[0].length - (match[1] ?? '').length;
    const isSecret = value.length >= 16 && isRandom(value, 8) && !STAND_IN.test(value);
    if (isSecret) findings.push({ kind: 'KEY', start, end: start + value.length });
  }
  return findings;
}

function findInAddresses(view: string): Finding[] {
  const findings: Finding[] = [];
  for (const match of view.matchAll(IN_ADDRESS)) {
    const [credentials = '', password = ''] = match.slice(1);
    const start = match.index + 3;
    if (!STAND_IN.test(password)) findings.push({ kind: 'KEY', start, end: start + credentials.length });
  }
  return findings;
}

/** Finds keys, tokens and passwords that can be told from ordinary words. */
export function findKeys(view: string): Finding[] {
  const findings = [...findBlocks(view), ...findInAddresses(view), ...findPrefixed(view), ...findAssigned(view)];
  const kept: Finding[] = [];
  for (const finding of findings.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (finding.start >= (kept.at(-1)?.end ?? 0)) kept.push(finding);
  }
  return kept;
}
