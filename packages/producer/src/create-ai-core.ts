import { AiCoreError, type TextRequest } from '@ai-core/core';
import { randomUUID } from 'node:crypto';
import { openConnections, type AiCoreOptions, type Connections } from './connections.ts';
import { findRequest, type FoundRequest } from './find-request.ts';
import { acceptText, DEFAULT_TIMEOUT_MS, requestText, type TextCompanions, type TextHandle } from './request-text.ts';
import { streamAnswer, type TextEvent } from './stream-answer.ts';
import { takeBack } from './take-back.ts';
import { elapsed, fromJob, type ExplainedTextAnswer } from './text-answer.ts';
import type { TextInput, WaitInput } from './text-input.ts';

/** The one entry point of a TypeScript backend. */
export interface AiCore {
  /**
   * Answers a text request, from memory where it can.
   * @throws REQUEST_INVALID and other errors of the table; RESULT_NOT_READY with the job's id when it takes longer than `timeoutMs`
   */
  generateText(input: TextInput & WaitInput): Promise<ExplainedTextAnswer>;
  /**
   * Answers a text request piece by piece, from memory where it can. The request is sent when the iteration begins. Whoever breaks
   * it off has not taken the request back: the answer is remembered and accounted for; aborting the signal takes it back.
   * @throws as generateText() does, from the iterator
   */
  streamText(input: TextInput & WaitInput): AsyncIterable<TextEvent>;
  /** Accepts a text request and returns at once. */
  enqueueText(input: TextInput): Promise<TextHandle>;
  /** The same for a request that parseTextRequest() has checked. */
  acceptText(request: TextRequest, companions?: TextCompanions): Promise<TextHandle>;
  /** Waits for a job by its id, from any process. */
  result(jobId: string, wait?: WaitInput): Promise<ExplainedTextAnswer>;
  /** Watches the text of a job come by its id, from any process: the text so far, then the rest, then the answer as result() gives it. */
  follow(jobId: string, wait?: WaitInput): AsyncIterableIterator<TextEvent>;
  /** Cancels a job for everyone who waits for it. */
  cancel(jobId: string): Promise<'cancelled' | 'finished' | 'unknown'>;
  /** A request of this caller that was accepted earlier, by this or any other process. @throws NOT_FOUND, also for jobs of other callers */
  findRequest(jobId: string, requestId?: string | null): Promise<FoundRequest>;
  /** The same AI Core on the same connections for another caller. Closing one of them closes all. */
  forCaller(caller: string): AiCore;
  /** Writes down what is not yet in the accounts and closes every connection. */
  close(): Promise<void>;
}

/** What remains of a caller's time; a request that cannot even be accepted within it fails by name. */
async function within<Result>(promise: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new AiCoreError(
            'STORE_UNAVAILABLE',
            `Postgres did not answer within ${timeoutMs} ms; whether the request was accepted is not known`,
            { retryAfterMs: 1_000 },
          ),
        ),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Opens AI Core for this process. One call per process is enough; it serves any number of concurrent requests.
 * @throws when Redis is given and its address is not a URL; services that are away are reported by the first request
 */
export async function createAiCore(options: AiCoreOptions): Promise<AiCore> {
  return overConnections(await openConnections(options));
}

function overConnections(connections: Connections): AiCore {
  /** Accepts a request, and says what is left of its caller's time. */
  async function accept({ timeoutMs = DEFAULT_TIMEOUT_MS, signal, ...input }: TextInput & WaitInput): Promise<[TextHandle, WaitInput]> {
    const since = performance.now();
    if (signal?.aborted === true) throw new AiCoreError('JOB_CANCELLED', 'the signal was aborted before the request was sent');
    const handle = await within(requestText(connections, input), timeoutMs);
    return [handle, { timeoutMs: Math.max(1, timeoutMs - elapsed(since)), signal }];
  }

  async function lookAtJob(jobId: string, wait: WaitInput, leave?: AbortSignal): Promise<ExplainedTextAnswer> {
    const since = performance.now();
    const result = await connections.waitingRoom.wait({
      jobId,
      // Nobody's caller: this look neither pays nor counts.
      requestId: randomUUID(),
      timeoutMs: wait.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      signal: wait.signal,
      leave,
      lookFirst: true,
    });
    return fromJob(result, { latencyMs: elapsed(since), values: [] });
  }

  return {
    async generateText(input) {
      const [handle, wait] = await accept(input);
      return handle.result(wait);
    },

    async *streamText(input) {
      const [handle, wait] = await accept({ ...input, stream: true });
      yield* handle.events(wait);
    },

    enqueueText: (input) => requestText(connections, input),

    result: (jobId, wait = {}) => lookAtJob(jobId, wait),

    follow: (jobId, wait = {}) =>
      streamAnswer({ room: connections.streamRoom, jobId, values: [], result: (leave) => lookAtJob(jobId, wait, leave) }),
    acceptText: (request, companions) => acceptText(connections, request, companions),

    async cancel(jobId) {
      const outcome = await takeBack(connections, jobId, null);
      return outcome === 'left' ? 'cancelled' : outcome;
    },

    findRequest: (jobId, requestId = null) => findRequest(connections, jobId, requestId),

    forCaller: (caller) => overConnections({ ...connections, caller }),

    close: () => connections.close(),
  };
}
