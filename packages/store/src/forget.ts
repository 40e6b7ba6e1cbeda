import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { Objects } from './objects.ts';

/** What is to be forgotten: one answer with all its versions, or everything of one scope (`user:42`). */
export type ForgetTarget = { readonly memoryId: string } | { readonly scope: string };

export interface Forgotten {
  /** Remembered answers, all versions counted. */
  readonly memories: number;
  readonly jobs: number;
  /** MP3s that were deleted; one that another answer shares stays. */
  readonly objects: number;
}

interface Row {
  readonly out_memories: number;
  readonly out_jobs: number;
  readonly out_objects: readonly { readonly file: string; readonly sha256: string }[];
}

/**
 * Removes answers for good: memory in all versions with ratings and training examples, the jobs that made them, the MP3s, and the
 * copies in every process. Money stays in the accounts. An MP3 that cannot be deleted now is removed by the collector a day later.
 * @param objects the object store; null = this AI Core has none
 * @throws NOT_FOUND when there is no such answer; REQUEST_INVALID for the scope that all users share
 */
export async function forgetMemory(act: Act, target: ForgetTarget, objects: Objects | null): Promise<Forgotten> {
  const scope = 'scope' in target ? target.scope : null;
  if (scope === 'shared')
    throw new AiCoreError('REQUEST_INVALID', 'the shared scope holds the answers of everybody; name the answers to forget by their ids');
  const ids = 'memoryId' in target ? [target.memoryId] : [];
  const row = await perform(act, async ({ client, record }) => {
    const found = await client.query('select 1 from ai_memory where id = any ($1::uuid[])', [ids]);
    if (found.rowCount !== ids.length) throw new AiCoreError('NOT_FOUND', `there is no remembered answer ${ids.join(', ')}`);
    const { rows } = await client.query<Row>('select * from ai_forget($1::uuid[], $2)', [ids, scope]);
    const forgotten = rows[0] ?? { out_memories: 0, out_jobs: 0, out_objects: [] };
    await record({
      action: 'memory.forgotten',
      subject: scope ?? ids.join(', '),
      after: { memories: forgotten.out_memories, jobs: forgotten.out_jobs, objects: forgotten.out_objects.length },
    });
    return forgotten;
  });
  let deleted = 0;
  for (const object of objects === null ? [] : row.out_objects) {
    if (await deleteUnused(act, object, objects)) deleted++;
  }
  return { memories: row.out_memories, jobs: row.out_jobs, objects: deleted };
}

/** Settle holds the same lock, shared, while it writes a row that names the object: it is not deleted under a new answer. */
async function deleteUnused(act: Act, object: Row['out_objects'][number], objects: Objects | null): Promise<boolean> {
  return act.database.transaction(async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('ai_core.object.' || $1, 0))`, [object.sha256]);
    const used = await client.query('select 1 from ai_memory where generated_audio_file = $1 limit 1', [object.file]);
    if (objects === null || (used.rowCount ?? 0) > 0) return false;
    await objects.delete(object.file);
    return true;
  });
}
