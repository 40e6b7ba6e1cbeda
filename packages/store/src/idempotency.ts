import { AiCoreError } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** How long a key keeps its answer, in milliseconds: as long as a finished job is kept. */
const KEY_LIFE_MS = 7 * 24 * 3_600_000;
/** After this long an open key without a job has been left by a process that died; somebody else may have it. */
const PATIENCE_MS = 30_000;

/** A key as one request wants it. */
export interface KeyClaim {
  /** Whose key it is; keys of different callers have nothing to do with each other. */
  readonly caller: string;
  readonly key: string;
  /** From fingerprintRequest(): the same key must mean the same request. */
  readonly requestSha256: string;
  /** The request that will be admitted if the key is still free. */
  readonly requestId: string;
}

export type KeyHolder =
  /** The key is this request's now: admit it, then takeKey(), or releaseKey() if it was refused. */
  | { readonly outcome: 'claimed' }
  /** The request was accepted before. */
  | { readonly outcome: 'job'; readonly requestId: string; readonly jobId: string }
  | { readonly outcome: 'memory'; readonly requestId: string; readonly memoryId: string }
  /** Another process is admitting the same request right now: look again in a moment. */
  | { readonly outcome: 'open' };

interface Row {
  out_outcome: 'claimed' | 'conflict' | 'job' | 'memory' | 'open';
  out_request: string | null;
  out_job: string | null;
  out_memory: string | null;
}

const CLAIM: Statement = {
  name: 'key_claim',
  text: 'select * from ai_claim_key($1, $2, $3, $4, make_interval(secs => $5), make_interval(secs => $6))',
};
const TAKE: Statement = {
  name: 'key_take',
  text: `update ai_idempotency set status = 'taken', job_id = $4, memory_id = $5
    where caller = $1 and key = $2 and usage_id = $3 returning usage_id`,
};
const RELEASE: Statement = { name: 'key_release', text: 'select ai_release_key($1, $2, $3)' };

/**
 * Asks for an idempotency key. Exactly one of any number of concurrent claims of a free key gets it.
 * @throws IDEMPOTENCY_CONFLICT when the key stands for a different request, STORE_UNAVAILABLE
 */
export async function claimKey(database: Database, claim: KeyClaim): Promise<KeyHolder> {
  const [row] = await database.query<Row>(CLAIM, [
    claim.caller,
    claim.key,
    claim.requestSha256,
    claim.requestId,
    KEY_LIFE_MS / 1_000,
    PATIENCE_MS / 1_000,
  ]);
  const requestId = row?.out_request ?? '';
  switch (row?.out_outcome) {
    case 'claimed':
      return { outcome: 'claimed' };
    case 'job':
      return { outcome: 'job', requestId, jobId: row.out_job ?? '' };
    case 'memory':
      return { outcome: 'memory', requestId, memoryId: row.out_memory ?? '' };
    case 'conflict':
      throw new AiCoreError('IDEMPOTENCY_CONFLICT', 'this idempotency key was used for a different request within the last 7 days');
    case 'open':
    case undefined:
      return { outcome: 'open' };
  }
}

/**
 * Writes down what became of a claimed key's request.
 * @returns false when the key was taken over meanwhile, because this process had been away for longer than its patience
 */
export async function takeKey(
  database: Database,
  claim: Pick<KeyClaim, 'caller' | 'key' | 'requestId'>,
  became: { readonly jobId: string } | { readonly memoryId: string },
): Promise<boolean> {
  const jobId = 'jobId' in became ? became.jobId : null;
  const memoryId = 'memoryId' in became ? became.memoryId : null;
  const rows = await database.query(TAKE, [claim.caller, claim.key, claim.requestId, jobId, memoryId]);
  return rows.length > 0;
}

/** Gives a claimed key back whose request was refused, so that it can be asked again with the same key. */
export async function releaseKey(database: Database, claim: Pick<KeyClaim, 'caller' | 'key' | 'requestId'>): Promise<void> {
  await database.query(RELEASE, [claim.caller, claim.key, claim.requestId]);
}
