import { AiCoreError, isErrorCode, type Candidate, type Explanation, type TextRequest } from '@ai-core/core';
import { getMemory, promoteJob, streamJob, type Admission, type AdmissionRequest } from '@ai-core/store';
import { elapsed, type Explained } from './answer-base.ts';
import { answerHit, confirmed, recall, replayHit } from './answer-from-memory.ts';
import { sealOf, type AskedRequest } from './asked-request.ts';
import { chooseCandidates } from './choose-candidates.ts';
import type { Connections } from './connections.ts';
import type { IdentifiedRequest } from './identified-request.ts';
import { makeRequestId } from './make-request-id.ts';
import { refreshBehind } from './refresh-behind.ts';
import { refuseBacklog } from './refuse-backlog.ts';
import { DEFAULT_TIMEOUT_MS, type RequestHandle } from './request-handle.ts';
import { requestOnce } from './request-once.ts';
import { takeBack } from './take-back.ts';

/**
 * Accepts a request: remembered, failed a moment ago, in flight, or new work that is put into the queue. With an idempotency key it
 * is accepted once, see requestOnce().
 * @throws REQUEST_INVALID and the other errors of the choice; STORE_UNAVAILABLE when nothing could be accepted
 */
export async function acceptRequest<Answer extends Explained>(
  connections: Connections,
  asked: AskedRequest<Answer>,
): Promise<RequestHandle<Answer>> {
  if (asked.idempotencyKey === undefined) return accept(connections, asked, makeRequestId());
  return requestOnce<RequestHandle<Answer>>(connections, {
    key: asked.idempotencyKey,
    requestSha256: asked.fingerprint(),
    accept: (requestId) => accept(connections, asked, requestId),
    replay: (holder) =>
      holder.outcome === 'memory'
        ? replayHit(connections, asked, holder)
        : Promise.resolve(waiting(connections, asked, { ...holder, outcome: 'replayed', explanation: undefined })),
  });
}

/** A queue that has stopped answering must not hold up who is accepted: each of its commands takes two seconds to fail. */
const DISPATCH_PATIENCE_MS = 250;

/** What was remembered could not be given out so often: somebody removes it as fast as it is found. */
const MOST_LOOKS = 3;

async function accept<Answer extends Explained>(
  connections: Connections,
  asked: AskedRequest<Answer>,
  requestId: string,
): Promise<RequestHandle<Answer>> {
  const snapshot = await connections.snapshots.get();
  const identified = await asked.identify(requestId, snapshot);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const found = await recall(connections, asked, identified);
    if (found !== null) {
      if (found.memory.isStale)
        void refreshBehind(connections, { identified, snapshot, memoryId: found.memory.id }).catch(connections.onError);
      return answerHit(connections, asked, { requestId, identified, found });
    }
    const choice = await chooseCandidates(identified, { snapshot, database: connections.database, simulated: connections.simulated });
    refuseBacklog(snapshot.backlog, connections.backlog, { queue: choice.candidates[0]?.queue ?? '', caller: connections.caller });
    const admission = await connections.admit(
      toAdmissionRequest(connections, asked, { identified, requestId, candidates: choice.candidates }),
    );
    // Remembered since the look a moment ago, which finds it now.
    if (admission.outcome === 'hit') {
      const at = await getMemory(connections.database, admission.memoryId);
      if (at !== null && (await confirmed(connections, asked, { identified, found: at })))
        return answerHit(connections, asked, { requestId, identified, found: { memory: at.memory, at: admission.at } });
      continue;
    }
    return admitted(connections, asked, { requestId, admission, explanation: asked.request.explain ? choice.explanation : undefined });
  }
  throw new AiCoreError('STORE_UNAVAILABLE', 'the remembered answer was just removed; ask again', { retryAfterMs: 100 });
}

interface Admitted {
  readonly requestId: string;
  readonly admission: Exclude<Admission, { readonly outcome: 'hit' }>;
  readonly explanation: readonly Explanation[] | undefined;
}

async function admitted<Answer extends Explained>(
  connections: Connections,
  asked: AskedRequest<Answer>,
  { requestId, admission, explanation }: Admitted,
): Promise<RequestHandle<Answer>> {
  if (admission.outcome === 'refused') throw new AiCoreError('BUDGET_EXCEEDED', admission.message);
  const { jobId, outcome } = admission;
  switch (outcome) {
    case 'failed': {
      const code = isErrorCode(admission.errorCode) ? admission.errorCode : 'INTERNAL';
      throw new AiCoreError(code, `${admission.errorMessage} (the same request failed within the last minute)`, { jobId });
    }
    case 'joined':
      if (admission.promote) await promote(connections, jobId, asked.request);
      if (asked.stream === true) await streamJob(connections.database, jobId).catch(connections.onError);
      return waiting(connections, asked, { requestId, jobId, outcome, explanation });
    case 'created':
      if (admission.dispatch !== null) {
        // The ledger has the job: when the queue is away the sweeper puts it in.
        const dispatched = connections.queue.dispatch([admission.dispatch]).catch(connections.onError);
        await Promise.race([dispatched, new Promise((resolve) => setTimeout(resolve, DISPATCH_PATIENCE_MS).unref())]);
      }
      return waiting(connections, asked, { requestId, jobId, outcome, explanation });
  }
}

interface Admissible {
  readonly identified: IdentifiedRequest;
  readonly requestId: string;
  readonly candidates: readonly Candidate[];
}

function toAdmissionRequest(
  connections: Connections,
  { request, values }: Pick<AskedRequest<Explained>, 'request' | 'values'>,
  { identified, requestId, candidates }: Admissible,
): AdmissionRequest {
  const { job, policy, promptHash, scope, shared } = identified;
  return {
    requestId,
    promptHash,
    scope,
    simulated: connections.simulated,
    shared,
    kind: job.kind,
    requestType: job.request_type,
    request: job,
    candidates,
    selectionMode: request.selection_mode,
    cacheMode: request.cache,
    maxAgeS: request.max_age_s ?? null,
    lane: request.lane,
    priority: request.priority,
    deadlineMs: request.deadline_s === undefined ? null : request.deadline_s * 1_000,
    expiresAfterDays: policy.expiresAfterDays,
    userId: request.user_id ?? '',
    caller: connections.caller,
    userCategory: request.user_category ?? '',
    endpoint: request.endpoint ?? '',
    replyTo: connections.inbox,
    sealedValues: sealOf(connections, values, requestId),
    dispatchWindow: connections.dispatchWindow,
  };
}

interface Waiting {
  readonly requestId: string;
  readonly jobId: string;
  readonly outcome: 'joined' | 'created' | 'replayed';
  readonly explanation: readonly Explanation[] | undefined;
}

function waiting<Answer extends Explained>(
  connections: Connections,
  { values, since, fromJob }: AskedRequest<Answer>,
  { requestId, jobId, outcome, explanation }: Waiting,
): RequestHandle<Answer> {
  return {
    requestId,
    jobId,
    memoryId: null,
    outcome,
    seal: () => sealOf(connections, values, requestId),
    async result(wait = {}) {
      const result = await connections.waitingRoom.wait({
        jobId,
        requestId,
        timeoutMs: wait.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        signal: wait.signal,
        leave: wait.leave,
        // A job that is replayed may be finished for days.
        lookFirst: outcome === 'replayed',
        onAbort: async () => void (await takeBack(connections, jobId, requestId)),
      });
      const answer = await fromJob(result, { latencyMs: elapsed(since), values });
      return explanation === undefined ? answer : { ...answer, explanation };
    },
  };
}

/** A caller in more of a hurry takes the shared job along. When it does not work out, the job keeps its place. */
async function promote(connections: Connections, jobId: string, { priority, lane }: Pick<TextRequest, 'priority' | 'lane'>): Promise<void> {
  await promoteJob(connections.database, jobId, { priority, lane })
    .then((dispatches) => connections.queue.dispatch(dispatches))
    .catch(connections.onError);
}
