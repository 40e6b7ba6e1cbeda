import { sumOf, type PricedLine } from './bill.ts';
import type { Finding } from './finding.ts';
import type { AttemptRow, JobRow, Sums } from './ledger.ts';

export interface MoneyEvidence {
  readonly bill: readonly PricedLine[];
  readonly jobs: readonly JobRow[];
  /** The attempts as they were when everything had drained, and after the unknown ones were settled. */
  readonly before: readonly AttemptRow[];
  readonly after: readonly AttemptRow[];
  /** After settling and rolling up. */
  readonly sums: Sums;
}

export interface MoneyVerdict {
  readonly billNanoUsd: bigint;
  /** Bill minus ledger while the outcome of some attempts was unknown. */
  readonly differenceBeforeNanoUsd: bigint;
  readonly unknownAttempts: number;
  /** Calls beyond the one that each key needs. */
  readonly extraCalls: number;
  readonly findings: readonly Finding[];
}

const PAID: ReadonlySet<AttemptRow['state']> = new Set<AttemptRow['state']>(['billed', 'late']);

function ledgerSum(attempts: readonly AttemptRow[]): bigint {
  return attempts.reduce((sum, { state, costNanoUsd }) => (PAID.has(state) ? sum + (costNanoUsd ?? 0n) : sum), 0n);
}

/** Compares the provider's bill with everything we wrote down, to the nano-dollar. */
export function checkMoney({ bill, jobs, before, after, sums }: MoneyEvidence): MoneyVerdict {
  const unknown = before.filter(({ state }) => state === 'unknown');
  const unknownIds = new Set<string | null>(unknown.map(({ id }) => id));
  const billNanoUsd = sumOf(bill);
  const differenceBeforeNanoUsd = billNanoUsd - ledgerSum(before);
  const explained = sumOf(bill.filter(({ attemptId }) => unknownIds.has(attemptId)));
  const findings: Finding[] = [
    ...findUnbilled(bill, after),
    ...findDoubleBills(bill, jobs, before),
    ...findMispriced(bill, after),
    ...before.filter(({ state }) => state === 'reserved').map((attempt): Finding => ({ kind: 'open_attempts', evidence: { ...attempt } })),
  ];
  if (differenceBeforeNanoUsd !== explained) {
    findings.push({ kind: 'unexplained_difference', evidence: { differenceBeforeNanoUsd, ofUnknownAttempts: explained } });
  }
  if (Object.values(sums).some((sum) => sum !== billNanoUsd)) {
    findings.push({ kind: 'unequal_sums', evidence: { bill: billNanoUsd, ...sums } });
  }

  const keyOfJob = new Map(jobs.map((job) => [job.id, job.promptHash]));
  const jobOfAttempt = new Map(after.map((attempt) => [attempt.id, attempt.jobId]));
  const keysCalled = new Set(bill.map(({ attemptId }) => keyOfJob.get(jobOfAttempt.get(attemptId ?? '') ?? '')));
  return { billNanoUsd, differenceBeforeNanoUsd, unknownAttempts: unknown.length, extraCalls: bill.length - keysCalled.size, findings };
}

/** Calls on the bill that the ledger knows nothing of. */
function findUnbilled(bill: readonly PricedLine[], attempts: readonly AttemptRow[]): Finding[] {
  const known = new Set(attempts.map(({ id }) => id));
  return bill
    .filter(({ attemptId }) => attemptId === null || !known.has(attemptId))
    .map(({ seq, attemptId, provider, model }) => ({ kind: 'unbilled_calls', evidence: { seq, attemptId, provider, model } }));
}

/**
 * Attempts that are on the bill twice, and keys that were paid twice by attempts that answered in order: a second payment is only
 * right when a death or a pause made the first one's outcome unknown or late.
 */
function findDoubleBills(bill: readonly PricedLine[], jobs: readonly JobRow[], before: readonly AttemptRow[]): Finding[] {
  const twice = [...Map.groupBy(bill, ({ attemptId }) => attemptId)]
    .filter(([attemptId, lines]) => attemptId !== null && lines.length > 1)
    .map(([attemptId, lines]): Finding => ({ kind: 'double_bills', evidence: { attemptId, lines: lines.map(({ seq }) => seq) } }));
  const keyOfJob = new Map(jobs.map((job) => [job.id, job.promptHash]));
  const billed = before.filter(({ state }) => state === 'billed');
  const paidTwice = [...Map.groupBy(billed, ({ jobId }) => keyOfJob.get(jobId))]
    .filter(([, attempts]) => attempts.length > 1)
    .map(([promptHash, attempts]): Finding => ({
      kind: 'double_bills',
      evidence: { promptHash, attempts: attempts.map(({ id, jobId, startedAt, finishedAt }) => ({ id, jobId, startedAt, finishedAt })) },
    }));
  return [...twice, ...paidTwice];
}

/** Attempts whose cost is not what the bill says: every one of them, so that two errors cannot cancel out in the sums. */
function findMispriced(bill: readonly PricedLine[], attempts: readonly AttemptRow[]): Finding[] {
  const billed = new Map(bill.map((line) => [line.attemptId, line.costNanoUsd]));
  return attempts
    .filter(({ id, state, costNanoUsd }) => (PAID.has(state) ? (costNanoUsd ?? 0n) : 0n) !== (billed.get(id) ?? 0n))
    .map(({ id, jobId, state, costNanoUsd, settledBy }) => ({
      kind: 'mispriced_attempts',
      evidence: { id, jobId, state, settledBy, costNanoUsd, billedNanoUsd: billed.get(id) ?? null },
    }));
}
