import { setTimeout as sleep } from 'node:timers/promises';
import { AiCoreError } from '@ai-core/core';
import { claimKey, isUnavailable, releaseKey, takeKey, type KeyHolder } from '@ai-core/store';
import { v7 as uuidv7 } from 'uuid';
import type { Connections } from './connections.ts';
import { takeBack } from './take-back.ts';

/** Printable ASCII: what an HTTP header can carry. */
const KEY = /^[\x20-\x7e]{1,255}$/;
const LOOK_AGAIN_MS = 25;
const LONGEST_LOOK_AGAIN_MS = 500;

/** What a request that was accepted has become. */
export interface Accepted {
  readonly jobId: string | null;
  readonly memoryId: string | null;
}

export interface RequestOnce<Handle extends Accepted> {
  readonly key: string;
  /** From fingerprintRequest(). */
  readonly requestSha256: string;
  /** Brings the request into the ledger, under the id given. */
  accept(requestId: string): Promise<Handle>;
  /** Makes a handle of the request that was accepted under this key before. */
  replay(holder: Extract<KeyHolder, { readonly outcome: 'job' | 'memory' }>): Promise<Handle>;
}

/**
 * Accepts a request unless its key has been accepted before; then it is that request again. A replay is no caller of its own: it has
 * no usage row, costs nothing and counts nowhere. It waits for the same job or gets the same remembered answer for 7 days, whatever
 * its cache mode, and a failure of the job is its failure too. What was refused, or taken back by its caller, does not hold its key.
 * @throws REQUEST_INVALID for a key that is none, IDEMPOTENCY_CONFLICT for a key of a different request, and what accepting throws
 */
export async function requestOnce<Handle extends Accepted>(connections: Connections, once: RequestOnce<Handle>): Promise<Handle> {
  if (!KEY.test(once.key)) throw new AiCoreError('REQUEST_INVALID', 'an idempotency key has 1 to 255 printable ASCII characters');
  const { database, caller, onError } = connections;
  for (let waitMs = LOOK_AGAIN_MS; ;) {
    const claim = { caller, key: once.key, requestSha256: once.requestSha256, requestId: uuidv7() };
    const holder = await claimKey(database, claim);
    if (holder.outcome === 'open') {
      // It ends: an open key that is left alone is free after 30 s.
      await sleep(waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_LOOK_AGAIN_MS);
      continue;
    }
    if (holder.outcome !== 'claimed') return once.replay(holder);

    let handle: Handle;
    try {
      handle = await once.accept(claim.requestId);
    } catch (error) {
      // When Postgres was away the request may be in the ledger all the same: the key stays, and its next claim looks there.
      if (!isUnavailable(error)) await releaseKey(database, claim).catch(onError);
      throw error;
    }
    if (await noteKey(connections, claim, handle)) return handle;
    // This process was away for so long that another one took the key over: its request is the one that counts.
    if (handle.jobId !== null) await takeBack(connections, handle.jobId, claim.requestId);
  }
}

/** @returns false when the key is somebody else's by now */
async function noteKey(
  { database, onError }: Connections,
  claim: { readonly caller: string; readonly key: string; readonly requestId: string },
  { jobId, memoryId }: Accepted,
): Promise<boolean> {
  try {
    if (jobId !== null) return await takeKey(database, claim, { jobId });
    return memoryId === null || (await takeKey(database, claim, { memoryId }));
  } catch (error) {
    // The request is in the ledger, where the next claim of the key finds it.
    onError(error);
    return true;
  }
}
