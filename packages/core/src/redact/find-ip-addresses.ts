/** Internet addresses that may lead to a person or a host: not loopback, not net masks, not version or section numbers. */
import { maskFindings, wordsBefore } from './finding.ts';
import type { Finding } from './finding.ts';

const CONTEXT_CHARACTERS = 24;
const V4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w|-[a-z])/gi;
/** A label like `addr:` may stand directly before; the address is the group. */
const V6 = /(?<![\w:.])(?:[a-z_]{0,12}[g-z_][a-z_]{0,12}:)?([\da-f:]{2,39}(?:\.\d{1,3}){0,3})(?!\w)/gi;

const VERSION_WORDS =
  /(?:version|\bver|release|build|firmware|update|upgrade|chapter|section|kapitel|abschnitt|fassung|versión|capítulo|sección|android|ios|windows|chrome|firefox|バージョン|章|節|第|§|==|>=|<=|~|\^|\bv)[^a-z\d]{0,3}$/;
const ADDRESS_WORDS =
  /(?:\bip(?:v4)?\b|address|adresse|dirección|アドレス|サーバ|ホスト|接続|ルーター|dns|router|gateway|proxy|server|servidor|host|ping|ssh|https?:|:\/\/|from|@)/;

/** Addresses that belong to nobody: this host, no host, everybody, net masks. */
const NOBODY = /^(?:127\.|0\.|255\.)/;

function isOctets(address: string): boolean {
  return address.split('.').every((octet) => Number(octet) <= 255 && (octet === '0' || !octet.startsWith('0')));
}

function isV4(view: string, start: number, address: string): boolean {
  if (!isOctets(address) || NOBODY.test(address)) return false;
  const words = wordsBefore(view, start, CONTEXT_CHARACTERS);
  if (VERSION_WORDS.test(words)) return false;
  // Four small numbers are a section of a book far more often than an address.
  const octets = address.split('.').map(Number);
  return (
    (octets[0] ?? 0) >= 10 ||
    octets.some((octet) => octet >= 30) ||
    ADDRESS_WORDS.test(words) ||
    /^[:/]\d/.test(view.slice(start + address.length))
  );
}

/** The groups of one side of `::`, a trailing IPv4 address counting as two; null when one is malformed. */
function countGroups(side: string): number | null {
  if (side === '') return 0;
  const groups = side.split(':');
  const last = groups.at(-1) ?? '';
  const isMapped = last.includes('.');
  if (isMapped && (last.split('.').length !== 4 || !isOctets(last))) return null;
  const isEveryGroup = groups.slice(0, isMapped ? -1 : undefined).every((group) => /^[\da-f]{1,4}$/i.test(group));
  return isEveryGroup ? groups.length + (isMapped ? 1 : 0) : null;
}

/** RFC 4291: eight groups, or fewer with one `::` for the missing ones. */
function isV6(address: string): boolean {
  const sides = address.split('::');
  if (sides.length > 2) return false;
  const counts = sides.map(countGroups);
  if (counts.includes(null)) return false;
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return sides.length === 1 ? total === 8 : total < 8;
}

/** Tells an address from scope operators, ratios and slices of lists, which the syntax alone allows. */
function isLikelyV6(view: string, start: number, address: string): boolean {
  const groups = address.split(':').filter((group) => group !== '');
  const [first = ''] = groups;
  if (!/\d/.test(address) || groups.length < 2 || groups.every((group) => /^\d{1,2}$/.test(group))) return false;
  if (groups.length > 2 || address.includes('.')) return true;
  const isSlice = view.charAt(start - 1) === '[' && view.charAt(start + address.length) === ']' && /^[\d:]+$/.test(address);
  return !isSlice && /^(?:fe[89ab]|f[cd][\da-f]|[23][\da-f]{2})[\da-f]$/i.test(first);
}

function findV6(view: string): Finding[] {
  const findings: Finding[] = [];
  for (const match of view.matchAll(V6)) {
    const candidate = match[1] ?? '';
    const address = candidate.replace(/(?<!:):$/, '');
    const start = match.index + match[0].length - candidate.length;
    if (!address.includes(':') || !isV6(address) || !isLikelyV6(view, start, address)) continue;
    findings.push({ kind: 'IP', start, end: start + address.length });
  }
  return findings;
}

/** Finds IPv4 addresses of four decimal numbers and IPv6 addresses in every notation of RFC 4291. */
export function findIpAddresses(view: string): Finding[] {
  const findings = view.includes(':') ? findV6(view) : [];
  const masked = findings.length === 0 ? view : maskFindings(view, findings);
  for (const { 0: address, index } of masked.matchAll(V4)) {
    if (isV4(masked, index, address)) findings.push({ kind: 'IP', start: index, end: index + address.length });
  }
  return findings.toSorted((one, other) => one.start - other.start);
}
