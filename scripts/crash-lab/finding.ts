/** What can be wrong after a run, and what it means. The first six are the bad counts of the report. */
export const FINDINGS = {
  lost: 'accepted and never answered, although everything had time to drain; or neither accepted nor refused',
  wrongly_failed: 'an error, although the provider refused nothing',
  double_results: 'one key with two current memory rows, or with two jobs that both bought an answer',
  wrong_answers: 'not the text or the sound that a fresh simulator of the same seed makes of the prompt',
  double_bills: 'an attempt that is twice on the bill, or a key paid twice with neither attempt late or unknown',
  unbilled_calls: 'a call on the bill that the ledger knows nothing of',
  unexplained_difference: 'before settling, bill minus ledger is not exactly what the unknown attempts cost',
  unequal_sums: 'after settling, bill, ledger, usage log and daily tables are not equal to the nano-dollar',
  mispriced_attempts: 'an attempt whose cost is not that of its line on the bill',
  unaccounted_requests: 'a request without exactly one row in the usage log',
  open_attempts: 'an attempt that is still reserved after the drain',
  broken_invariants: 'what `ai-core doctor` would say of the ledger and the daily tables',
  missing_sounds: 'an MP3 that the ledger names and the object store does not have, or not with these bytes',
  not_drained: 'work, callers or spooled answers were left when the time for the drain was over',
  crashed_processes: 'a worker or a producer that ended by itself',
} as const;
export type FindingKind = keyof typeof FINDINGS;
export const FINDING_KINDS = Object.keys(FINDINGS) as FindingKind[];

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
