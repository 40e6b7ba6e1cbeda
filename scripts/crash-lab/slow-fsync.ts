import type { Database } from '@ai-core/store';

/** The longest that Postgres allows, in microseconds. */
const DELAY_US = 100_000;
const TRIES = 600;
const TRY_EVERY_MS = 100;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Makes every commit wait a tenth of a second before its flush, as on a disk whose fsync is that slow. A stand-in: Postgres' own
 * commit_delay, because a slow disk would need a kernel module. Commits that wait together are flushed together, as on such a disk.
 */
export async function slowFsync(database: Database, lastsMs: number): Promise<void> {
  await set(database, `'${DELAY_US}'`);
  await sleep(lastsMs);
  await set(database, 'default');
}

/** Postgres may be away at that moment for other reasons; the disk must be quick again in the end. */
async function set(database: Database, delay: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await database.pool.query(`alter system set commit_delay = ${delay}`);
      await database.pool.query('alter system set commit_siblings = 0');
      await database.pool.query('select pg_reload_conf()');
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(TRY_EVERY_MS);
    }
  }
}
