import { LOWEST_PRIORITY } from '@ai-core/core';
import { beginRefresh, type CatalogueSnapshot } from '@ai-core/store';
import { chooseCandidates } from './choose-candidates.ts';
import type { Connections } from './connections.ts';
import type { IdentifiedRequest } from './identified-request.ts';
import { makeRequestId } from './make-request-id.ts';

/** Under this endpoint a refresh stands in the accounts of the backend whose request found the stale answer; no user is charged for it. */
const REFRESH_ENDPOINT = 'refresh-behind';

export interface StaleAnswer {
  /** The request that was given the answer. */
  readonly identified: IdentifiedRequest;
  readonly snapshot: CatalogueSnapshot;
  readonly memoryId: string;
}

/**
 * Buys a new answer behind a caller who has been given one that has expired. Whoever of the fleet is the first takes it on; the others leave
 * it to them, and a job that is in flight for the key is joined, so there never are two.
 * @throws the errors of the choice, and STORE_UNAVAILABLE; the next request that meets the stale answer tries again, after two minutes
 */
export async function refreshBehind(connections: Connections, { identified, snapshot, memoryId }: StaleAnswer): Promise<void> {
  const { database, simulated, caller, inbox, dispatchWindow } = connections;
  if (!(await beginRefresh(database, memoryId))) return;
  const { candidates } = await chooseCandidates(identified, { snapshot, database, simulated });
  const { request, job, policy, promptHash, scope, shared } = identified;
  const admission = await connections.admit({
    requestId: makeRequestId(),
    promptHash,
    scope,
    simulated,
    shared,
    kind: job.kind,
    requestType: job.request_type,
    request: job,
    candidates,
    selectionMode: request.selection_mode,
    cacheMode: 'refresh',
    maxAgeS: null,
    lane: 'interactive',
    priority: LOWEST_PRIORITY,
    deadlineMs: null,
    expiresAfterDays: policy.expiresAfterDays,
    userId: '',
    caller,
    userCategory: '',
    endpoint: REFRESH_ENDPOINT,
    replyTo: inbox,
    sealedValues: null,
    dispatchWindow,
  });
  if (admission.outcome === 'created' && admission.dispatch !== null) await connections.queue.dispatch([admission.dispatch]);
}
