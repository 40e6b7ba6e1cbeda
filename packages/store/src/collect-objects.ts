import { compareObjects } from './compare-objects.ts';
import type { Database, Statement } from './database.ts';
import { objectKey, type Objects } from './objects.ts';

/** Whoever writes an object has a row for it within minutes. */
const OLDER_MS = 24 * 3_600_000;
const BATCH = 200;

const NOW: Statement = { name: 'objects_now', text: 'select clock_timestamp() as now' };

/**
 * Deletes one object unless a row names it. Rows are written under the same lock, and who writes one for an object that was there before
 * looks again afterwards, so no row is left without its object.
 * @returns whether it is gone
 */
async function deleteUnnamed(database: Database, objects: Objects, { sha256, simulated }: { sha256: string; simulated: boolean }) {
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ free: boolean }>(
      `select pg_try_advisory_xact_lock(hashtextextended('ai_core.object.' || $1, 0))
         and not exists (select from ai_memory m where m.audio_sha256 = $1 and m.simulated = $2) as free`,
      [sha256, simulated],
    );
    if (rows[0]?.free !== true) return false;
    await objects.delete(objectKey({ sha256, simulated }));
    return true;
  });
}

/**
 * Deletes the MP3s that no row names.
 * @param olderMs how old they must be at least, in milliseconds; default a day
 * @returns how many are gone
 */
export async function collectObjects(database: Database, objects: Objects, olderMs = OLDER_MS): Promise<number> {
  const [clock] = await database.query<{ now: Date }>(NOW);
  const before = (clock?.now.getTime() ?? 0) - olderMs;
  let collected = 0;
  for await (const difference of compareObjects(database, objects)) {
    if (difference.kind !== 'orphan' || difference.object.modifiedAt.getTime() >= before) continue;
    if (await deleteUnnamed(database, objects, difference)) collected++;
  }
  return collected;
}

const UNREMEMBERED: Statement = {
  name: 'speech_unremembered',
  text: `select j.id, j.simulated, j.answer #>> '{audio,sha256}' as sha256 from ai_job j
    where j.answer ? 'audio' and j.finished_at < clock_timestamp() - interval '24 hours' order by j.finished_at limit ${BATCH}`,
};
const FORGET: Statement = {
  name: 'speech_forget',
  text: `update ai_job set answer = answer - 'audio', updated_at = clock_timestamp() where id = any ($1::uuid[])`,
};

/**
 * Deletes the MP3s of answers that are not remembered, a day after they were made: those with personal data, and those whose callers
 * wanted no memory.
 * @returns how many answers have lost theirs
 */
export async function expireSpeech(database: Database, objects: Objects): Promise<number> {
  for (let expired = 0; ;) {
    const rows = await database.query<{ id: string; simulated: boolean; sha256: string }>(UNREMEMBERED);
    for (const row of rows) await deleteUnnamed(database, objects, row);
    await database.query(FORGET, [rows.map((row) => row.id)]);
    expired += rows.length;
    if (rows.length < BATCH) return expired;
  }
}
