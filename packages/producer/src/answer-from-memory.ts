import { AiCoreError } from '@ai-core/core';
import { getMemory, type MemoryHit } from '@ai-core/store';
import { elapsed, type Explained } from './answer-base.ts';
import { sealOf, type AskedRequest } from './asked-request.ts';
import type { Connections } from './connections.ts';
import type { IdentifiedRequest } from './identified-request.ts';
import type { RequestHandle } from './request-handle.ts';

/** A request and what is remembered for it. */
export interface Recalled {
  readonly identified: IdentifiedRequest;
  readonly found: MemoryHit;
}

/** @returns what is remembered and may be given out; null = it has to be made */
export async function recall<Answer extends Explained>(
  connections: Connections,
  asked: AskedRequest<Answer>,
  identified: IdentifiedRequest,
): Promise<MemoryHit | null> {
  const { request } = asked;
  if (!identified.shared || request.cache !== 'use') return null;
  const key = keyOf(connections, identified);
  const copy = request.max_age_s === undefined ? connections.remembered.get(key) : undefined;
  if (copy !== undefined && (await confirmed(connections, asked, { identified, found: copy }))) return copy;
  const found = await connections.findMemory({ ...key, maxAgeS: request.max_age_s ?? null });
  if (found === null || !(await confirmed(connections, asked, { identified, found }))) return null;
  // The next one is to meet the new answer as soon as it is there.
  if (!found.memory.isStale) connections.remembered.set(key, found);
  return found;
}

function keyOf({ simulated }: Connections, { promptHash, scope }: IdentifiedRequest) {
  return { promptHash, scope, simulated };
}

/** @returns whether what was found may be given out; what may not is forgotten here */
export async function confirmed<Answer extends Explained>(
  connections: Connections,
  asked: AskedRequest<Answer>,
  { identified, found }: Recalled,
): Promise<boolean> {
  if (asked.confirm === undefined || (await asked.confirm(found))) return true;
  connections.remembered.delete(keyOf(connections, identified));
  return false;
}

/** The handle of a remembered answer; the hit is in the accounts. */
export async function answerHit<Answer extends Explained>(
  connections: Connections,
  { request, values, since, fromMemory }: AskedRequest<Answer>,
  { requestId, found }: Recalled & { readonly requestId: string },
): Promise<RequestHandle<Answer>> {
  const latencyMs = elapsed(since);
  const { memory, at } = found;
  await connections.hits.write({
    requestId,
    at,
    memoryId: memory.id,
    endpoint: request.endpoint ?? '',
    userId: request.user_id ?? '',
    caller: connections.caller,
    selectionMode: request.selection_mode,
    latencyMs,
  });
  const answer = await fromMemory(memory, { simulated: connections.simulated, latencyMs, values });
  const seal = (): Uint8Array | null => sealOf(connections, values, requestId);
  return { requestId, jobId: null, memoryId: memory.id, outcome: 'hit', result: async () => answer, seal };
}

/** The answer this request was given before, as it was, also when a newer one is current by now. Nothing is counted again. */
export async function replayHit<Answer extends Explained>(
  connections: Connections,
  { values, since, fromMemory }: AskedRequest<Answer>,
  { requestId, memoryId }: { readonly requestId: string; readonly memoryId: string },
): Promise<RequestHandle<Answer>> {
  const { database, simulated } = connections;
  const found = await getMemory(database, memoryId);
  if (found === null) throw new AiCoreError('NOT_FOUND', 'the answer that was given under this idempotency key has been forgotten');
  const answer = await fromMemory(found.memory, { simulated, latencyMs: elapsed(since), values });
  const seal = (): Uint8Array | null => sealOf(connections, values, requestId);
  return { requestId, jobId: null, memoryId, outcome: 'replayed', result: async () => answer, seal };
}
