/** All detectors over one text, until none finds anything more. */
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findIpAddresses } from './find-ip-addresses.ts';
import { findKeys } from './find-keys.ts';
import { findNationalIds } from './find-national-ids.ts';
import { createPhoneDetector } from './find-phones.ts';
import { maskFindings } from './finding.ts';
import type { Detector, Finding } from './finding.ts';
import type { FoldedText } from './fold-text.ts';

/** What a kind needs at least to be in a text; everything else costs nothing. */
export interface GatedDetector {
  readonly needs: RegExp;
  readonly find: Detector;
}

/**
 * What is taken away can make its neighbour stand alone, so the detectors run again until they find nothing. Two rounds are
 * the rule; the bound keeps hostile text linear.
 */
const MAX_ROUNDS = 8;

/**
 * @param region ISO 3166 code whose national telephone numbers are read without a country code
 * @returns the detectors of the structured kinds, in the order in which they may claim a stretch of text
 */
export function createDetectors(region: string): GatedDetector[] {
  return [
    { needs: /\d|:\/\//, find: findKeys },
    { needs: /@|%40|[([] ?at/i, find: findEmails },
    { needs: /[A-Za-z]{2}[ -]?\d[ -]?\d/, find: findIbans },
    { needs: /\d\.\d|:[\da-f:]/i, find: findIpAddresses },
    { needs: /\d/, find: findCards },
    { needs: /\d/, find: findNationalIds },
    { needs: /\d/, find: createPhoneDetector(region) },
  ];
}

/** A finding that begins or ends inside a character of the original takes all of it. */
function widen(finding: Finding, folded: FoldedText): Finding {
  let { start, end } = finding;
  while (start > 0 && folded.startOf(start - 1) === folded.startOf(start)) start--;
  while (end < folded.text.length && folded.startOf(end) === folded.startOf(end - 1)) end++;
  return { kind: finding.kind, start, end };
}

function dropOverlaps(findings: readonly Finding[]): Finding[] {
  const kept: Finding[] = [];
  for (const finding of findings) if (finding.start >= (kept.at(-1)?.end ?? 0)) kept.push(finding);
  return kept;
}

/**
 * @param view the folded text in which placeholders of the text itself are already walls
 * @returns what was found, in order, in positions of the folded text
 */
export function findPersonalData(view: string, folded: FoldedText, detectors: readonly GatedDetector[]): Finding[] {
  const findings: Finding[] = [];
  let masked = view;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = findings.length;
    for (const { needs, find } of detectors) {
      if (!needs.test(masked)) continue;
      const found = dropOverlaps(find(masked).map((finding) => widen(finding, folded)));
      if (found.length === 0) continue;
      findings.push(...found);
      masked = maskFindings(masked, found);
    }
    if (findings.length === before) break;
  }
  return findings.toSorted((one, other) => one.start - other.start);
}
