import type { Death } from './keeper.ts';
import type { AttemptRow, WorkerRow } from './ledger.ts';

/**
 * How long the work of killed workers lay still: for each call that a death cut, the time from the death until the next attempt of
 * its job, by the database's clock.
 * @param attempts in the order they started
 * @returns milliseconds, one for each call that was cut and made again
 */
export function measureResumes(deaths: readonly Death[], workers: readonly WorkerRow[], attempts: readonly AttemptRow[]): number[] {
  const byWorker = Map.groupBy(attempts, ({ workerId }) => workerId);
  const byJob = Map.groupBy(attempts, ({ jobId }) => jobId);
  const resumes: number[] = [];
  for (const death of deaths) {
    const rows = workers.filter(({ pid, createdAt }) => pid === death.pid && createdAt.getTime() <= death.atMs);
    for (const attempt of rows.flatMap(({ id }) => byWorker.get(id) ?? [])) {
      const cut = attempt.startedAt.getTime() <= death.atMs && (attempt.finishedAt === null || attempt.finishedAt.getTime() > death.atMs);
      if (!cut) continue;
      const next = byJob.get(attempt.jobId)?.find(({ startedAt }) => startedAt > attempt.startedAt);
      // None: its answer had been on its way into the ledger, or on disk, when the worker died.
      if (next !== undefined) resumes.push(next.startedAt.getTime() - death.atMs);
    }
  }
  return resumes;
}

/** A percentile of measured values, nearest rank; null when there are none. */
export function percentileOf(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, two) => one - two);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}
