import type { Database, Statement } from './database.ts';

/** What decides who may see a remembered answer, and its MP3. */
export interface MemoryFacts {
  readonly scope: string;
  readonly simulated: boolean;
  /** True when it belongs to the one request it was made for. */
  readonly isOnce: boolean;
  /** True when the caller is one of those who asked for it. */
  readonly isOwn: boolean;
  readonly audio: { readonly bytes: number; readonly sha256: string } | null;
}

interface Row {
  scope: string;
  simulated: boolean;
  is_once: boolean;
  is_own: boolean;
  audio_bytes: bigint | null;
  audio_sha256: string | null;
}

const FIND: Statement = {
  name: 'memory_facts',
  text: `select m.scope, m.simulated, m.scope like 'once:%' as is_once,
      exists (select from ai_job_caller c where c.job_id = m.job_id and c.caller = $2) as is_own, m.audio_bytes, m.audio_sha256
    from ai_memory m where m.id = $1 and m.verdict <> 'rejected'`,
};

/** @returns null when there is no such answer, or it was rejected */
export async function findMemoryFacts(database: Database, memoryId: string, caller: string): Promise<MemoryFacts | null> {
  const [row] = await database.query<Row>(FIND, [memoryId, caller]);
  if (row === undefined) return null;
  return {
    scope: row.scope,
    simulated: row.simulated,
    isOnce: row.is_once,
    isOwn: row.is_own,
    audio: row.audio_sha256 === null ? null : { bytes: Number(row.audio_bytes ?? 0n), sha256: row.audio_sha256 },
  };
}
