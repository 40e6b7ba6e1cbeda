import type { Database, Statement } from './database.ts';

const JOBS: Statement = { name: 'remove_old_jobs', text: 'select ai_remove_old_jobs($1) as jobs' };
const PARTITIONS: Statement = { name: 'drop_old_partitions', text: 'select ai_drop_old_partitions($1) as name' };
const BATCH = 1_000;
/** Usage and attempts are kept this long, in months. */
const MONTHS_KEPT = 13;

export interface RetentionResult {
  readonly jobs: number;
  /** Partitions of the usage log that were dropped. */
  readonly partitions: readonly string[];
}

/** Removes what is past its time, a thousand jobs per statement so that nothing is locked for long. */
export async function applyRetention(database: Database): Promise<RetentionResult> {
  let jobs = 0;
  for (;;) {
    const [row] = await database.query<{ jobs: number }>(JOBS, [BATCH]);
    const removed = row?.jobs ?? 0;
    jobs += removed;
    if (removed < BATCH) break;
  }
  const rows = await database.query<{ name: string }>(PARTITIONS, [MONTHS_KEPT]);
  return { jobs, partitions: rows.map((row) => row.name) };
}
