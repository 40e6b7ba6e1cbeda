/** What can be wrong after a run. The first six are the bad counts of the report. */
export const FINDING_KINDS = [
  'lost',
  'wrongly_failed',
  'double_results',
  'wrong_answers',
  'double_bills',
  'unbilled_calls',
  'unexplained_difference',
  'unequal_sums',
  'mispriced_attempts',
  'unaccounted_requests',
  'open_attempts',
  'broken_invariants',
  'crashed_processes',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is wrong, with the evidence. */
export interface Finding {
  readonly kind: FindingKind;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** How many findings there are of each kind. */
export function countFindings(findings: readonly Finding[]): Record<FindingKind, number> {
  const counts = Object.fromEntries(FINDING_KINDS.map((kind) => [kind, 0])) as Record<FindingKind, number>;
  for (const { kind } of findings) counts[kind]++;
  return counts;
}
