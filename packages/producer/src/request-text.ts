import {
  AiCoreError,
  fingerprintRequest,
  hasPersonalData,
  isErrorCode,
  narrowingOf,
  parseTextRequest,
  sealValues,
  type Explanation,
  type JobRequest,
  type Placeholder,
  type TextRequest,
} from '@ai-core/core';
import { getMemory, promoteJob, streamJob, type AdmissionRequest, type Memory } from '@ai-core/store';
import { v7 as uuidv7 } from 'uuid';
import { chooseCandidates } from './choose-candidates.ts';
import type { Connections } from './connections.ts';
import { identifyRequest, type IdentifiedRequest } from './identify-request.ts';
import { findNamedContexts } from './named-contexts.ts';
import { redactRequest, type Conversation } from './redact-request.ts';
import { requestOnce } from './request-once.ts';
import { streamAnswer, type TextEvent } from './stream-answer.ts';
import { takeBack } from './take-back.ts';
import { elapsed, fromJob, fromMemory, type ExplainedTextAnswer } from './text-answer.ts';
import { toWire, type TextInput, type WaitInput } from './text-input.ts';

/** How long a caller waits when it does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 120_000;

/** A request that has been accepted: it will be answered whatever happens to this process. */
export interface TextHandle {
  /** Id of this request in the accounts. */
  readonly requestId: string;
  /** The job that works on it; null when memory had the answer. */
  readonly jobId: string | null;
  /** The remembered answer it was given; null when a job works on it. */
  readonly memoryId: string | null;
  /**
   * hit: answered from memory. joined: the same work was already in flight. created: new work. replayed: this very request was
   * accepted before under its idempotency key.
   */
  readonly outcome: 'hit' | 'joined' | 'created' | 'replayed';
  /**
   * Waits for the answer.
   * @throws RESULT_NOT_READY when it takes longer than `timeoutMs`, JOB_CANCELLED when the signal aborts, the job's error when it failed
   */
  result(wait?: WaitInput): Promise<ExplainedTextAnswer>;
  /**
   * The answer as it comes: pieces, then the whole with its receipt. A remembered one is replayed, and so is one whose request was
   * not accepted with `stream`. Whoever stops listening has not taken the request back.
   * @throws as result() does, from the iterator
   */
  events(wait?: WaitInput): AsyncIterableIterator<TextEvent>;
}

/** A request whose personal data has been taken out. */
interface Asked {
  readonly request: TextRequest;
  readonly conversation: Conversation;
  readonly values: readonly Placeholder[];
  readonly since: number;
  /** Somebody watches the text come. */
  readonly stream: boolean;
}

/**
 * Accepts a text request: remembered, failed a moment ago, in flight, or new work that is put into the queue. With an idempotency
 * key it is accepted once, see requestOnce().
 * @throws REQUEST_INVALID and the other errors of the choice; STORE_UNAVAILABLE when nothing could be accepted
 */
export function requestText(connections: Connections, input: TextInput): Promise<TextHandle> {
  return acceptText(connections, parseTextRequest(toWire(input)), input);
}

/** What comes with a text request beside its fields. */
export type TextCompanions = Pick<TextInput, 'messages' | 'tools' | 'idempotencyKey' | 'stream'>;

/** The same for a request that has been checked already, as doors have to. */
export async function acceptText(connections: Connections, parsed: TextRequest, companions: TextCompanions = {}): Promise<TextHandle> {
  const since = performance.now();
  const { messages, tools, idempotencyKey, stream = false } = companions;
  const asked: Asked = { ...redactRequest(parsed, { messages, tools }), since, stream };
  if (idempotencyKey === undefined) return accept(connections, asked, uuidv7());
  return requestOnce<TextHandle>(connections, {
    key: idempotencyKey,
    requestSha256: fingerprintRequest({ ...parsed, messages, tools }, connections.simulated),
    accept: (requestId) => accept(connections, asked, requestId),
    replay: (holder) =>
      holder.outcome === 'memory'
        ? replayHit(connections, asked, holder)
        : Promise.resolve(waiting(connections, { ...asked, ...holder, outcome: 'replayed', explanation: undefined })),
  });
}

async function accept(connections: Connections, asked: Asked, requestId: string): Promise<TextHandle> {
  const { request, conversation, values, since, stream } = asked;
  const snapshot = await connections.snapshots.get();
  const narrowing = narrowingOf(snapshot.categories, request.user_category);
  const contexts = await findNamedContexts(connections.database, asked);
  const identified = identifyRequest(request, { policies: snapshot.policies, narrowing, contexts, ...conversation });
  const key = { promptHash: identified.promptHash, scope: request.scope, simulated: connections.simulated };

  if (identified.shared && request.cache === 'use') {
    const copy = request.max_age_s === undefined ? connections.remembered.get(key) : undefined;
    if (copy !== undefined) return hit(connections, { requestId, identified, values, ...copy, since });
    const found = await connections.findMemory({ ...key, maxAgeS: request.max_age_s ?? null });
    if (found !== null) {
      connections.remembered.set(key, found);
      return hit(connections, { requestId, identified, values, ...found, since });
    }
  }

  const choice = chooseCandidates(identified, snapshot);
  const admission = await connections.admit(
    toAdmissionRequest(connections, { identified, requestId, values, candidates: choice.candidates, stream }),
  );
  switch (admission.outcome) {
    case 'hit': {
      const found = await getMemory(connections.database, admission.memoryId);
      if (found === null)
        throw new AiCoreError('STORE_UNAVAILABLE', 'the remembered answer was just removed; ask again', { retryAfterMs: 100 });
      return hit(connections, { requestId, identified, values, memory: found.memory, at: admission.at, since });
    }
    case 'failed': {
      const code = isErrorCode(admission.errorCode) ? admission.errorCode : 'INTERNAL';
      throw new AiCoreError(code, `${admission.errorMessage} (the same request failed within the last minute)`, { jobId: admission.jobId });
    }
    case 'joined':
      if (admission.promote) await promote(connections, admission.jobId, request);
      if (stream) await streamJob(connections.database, admission.jobId).catch(connections.onError);
      return waiting(connections, {
        requestId,
        jobId: admission.jobId,
        outcome: 'joined',
        since,
        values,
        explanation: explained(identified, choice.explanation),
      });
    case 'created':
      if (admission.dispatch !== null) {
        // The ledger has the job: when the queue is away the sweeper puts it in.
        await connections.queue.dispatch([admission.dispatch]).catch(connections.onError);
      }
      return waiting(connections, {
        requestId,
        jobId: admission.jobId,
        outcome: 'created',
        since,
        values,
        explanation: explained(identified, choice.explanation),
      });
  }
}

function explained(identified: IdentifiedRequest, explanation: readonly Explanation[]): readonly Explanation[] | undefined {
  return identified.request.explain ? explanation : undefined;
}

interface Admissible {
  readonly identified: IdentifiedRequest;
  readonly requestId: string;
  readonly values: readonly Placeholder[];
  readonly candidates: AdmissionRequest['candidates'];
  readonly stream: boolean;
}

function toAdmissionRequest(connections: Connections, { identified, requestId, values, candidates, stream }: Admissible): AdmissionRequest {
  const { request, policy, options, promptHash, shared } = identified;
  const job: JobRequest = {
    kind: 'text',
    request_type: request.request_type,
    prompt: request.prompt,
    options,
    selection_mode: request.selection_mode,
    max_output_tokens: typeof options['max_tokens'] === 'number' ? options['max_tokens'] : policy.maxOutputTokens,
    ...(stream ? { stream } : {}),
  };
  return {
    requestId,
    promptHash,
    scope: request.scope,
    simulated: connections.simulated,
    shared,
    kind: 'text',
    requestType: request.request_type,
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
    endpoint: request.endpoint ?? '',
    replyTo: connections.inbox,
    sealedValues: hasPersonalData(values) ? sealValues(values, { key: connections.sealKey, requestId }) : null,
    dispatchWindow: connections.dispatchWindow,
  };
}

interface Hit {
  readonly requestId: string;
  readonly identified: IdentifiedRequest;
  readonly values: readonly Placeholder[];
  readonly memory: Memory;
  readonly at: Date;
  readonly since: number;
}

async function hit(connections: Connections, { requestId, identified, values, memory, at, since }: Hit): Promise<TextHandle> {
  const { request } = identified;
  const latencyMs = elapsed(since);
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
  const answer = fromMemory(memory, { simulated: connections.simulated, latencyMs, values });
  return answered(connections, { requestId, memoryId: memory.id, outcome: 'hit', answer });
}

/** The answer this request was given before, as it was, also when a newer one is current by now. Nothing is counted again. */
async function replayHit(
  connections: Connections,
  { values, since }: Asked,
  { requestId, memoryId }: { readonly requestId: string; readonly memoryId: string },
): Promise<TextHandle> {
  const { database, simulated } = connections;
  const found = await getMemory(database, memoryId);
  if (found === null) throw new AiCoreError('NOT_FOUND', 'the answer that was given under this idempotency key has been forgotten');
  const answer = fromMemory(found.memory, { simulated, latencyMs: elapsed(since), values });
  return answered(connections, { requestId, memoryId, outcome: 'replayed', answer });
}

interface Answered extends Pick<TextHandle, 'requestId' | 'memoryId' | 'outcome'> {
  readonly answer: ExplainedTextAnswer;
}

/** A request that needs no waiting. */
function answered({ streamRoom }: Connections, { answer, ...request }: Answered): TextHandle {
  const result = async (): Promise<ExplainedTextAnswer> => answer;
  return { ...request, jobId: null, result, events: () => streamAnswer({ room: streamRoom, jobId: null, values: [], result }) };
}

interface Waiting {
  readonly requestId: string;
  readonly jobId: string;
  readonly outcome: 'joined' | 'created' | 'replayed';
  readonly since: number;
  readonly values: readonly Placeholder[];
  readonly explanation: readonly Explanation[] | undefined;
}

function waiting(connections: Connections, { requestId, jobId, outcome, since, values, explanation }: Waiting): TextHandle {
  async function result(wait: WaitInput = {}, leave?: AbortSignal): Promise<ExplainedTextAnswer> {
    const finished = await connections.waitingRoom.wait({
      jobId,
      requestId,
      timeoutMs: wait.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal: wait.signal,
      leave: leave ?? wait.leave,
      // A job that is replayed may be finished for days.
      lookFirst: outcome === 'replayed',
      onAbort: async () => void (await takeBack(connections, jobId, requestId)),
    });
    const answer = fromJob(finished, { latencyMs: elapsed(since), values });
    return explanation === undefined ? answer : { ...answer, explanation };
  }
  return {
    requestId,
    jobId,
    memoryId: null,
    outcome,
    result: (wait) => result(wait),
    events: (wait) => streamAnswer({ room: connections.streamRoom, jobId, values, result: (leave) => result(wait, leave) }),
  };
}

/** A caller in more of a hurry takes the shared job along. When it does not work out, the job keeps its place. */
async function promote(connections: Connections, jobId: string, { priority, lane }: Pick<TextRequest, 'priority' | 'lane'>): Promise<void> {
  await promoteJob(connections.database, jobId, { priority, lane })
    .then((dispatches) => connections.queue.dispatch(dispatches))
    .catch(connections.onError);
}
