import { AiCoreError, type AudioRequest, type TextRequest } from '@ai-core/core';
import { findResults, getMemory, type ByteRange, type JobResult, type OpenedObject } from '@ai-core/store';
import { randomUUID } from 'node:crypto';
import { elapsed } from './answer-base.ts';
import { speechFromJob, type AudioLink, type ExplainedAudioAnswer } from './audio-answer.ts';
import type { AudioInput } from './audio-input.ts';
import { openConnections, type AiCoreOptions, type Connections } from './connections.ts';
import { findRequest, type FoundRequest } from './find-request.ts';
import { recallAnswer, type RecalledAnswer, type RecalledRequest } from './recall-answer.ts';
import type { Estimate } from './estimate-request.ts';
import { acceptAudio, estimateAudio, requestAudio, type AudioCompanions, type AudioHandle } from './request-audio.ts';
import { DEFAULT_TIMEOUT_MS } from './request-handle.ts';
import type { WaitInput } from './request-input.ts';
import { acceptText, estimateText, requestText, type TextCompanions, type TextHandle } from './request-text.ts';
import { streamAnswer, type TextEvent } from './stream-answer.ts';
import { takeBack } from './take-back.ts';
import { textFromJob, type ExplainedTextAnswer } from './text-answer.ts';
import type { TextInput } from './text-input.ts';

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
  /**
   * Speaks a text, from memory where it can; a text of any length is one MP3. Needs the option `s3`.
   * @throws REQUEST_INVALID, VOICE_UNKNOWN and other errors of the table; RESULT_NOT_READY with the job's id when it takes longer than
   *   `timeoutMs`; STORE_UNAVAILABLE without an object store
   */
  generateAudio(input: AudioInput & WaitInput): Promise<ExplainedAudioAnswer>;
  /** Accepts a speech request and returns at once. */
  enqueueAudio(input: AudioInput): Promise<AudioHandle>;
  /** The same for a request that parseAudioRequest() has checked. */
  acceptAudio(request: AudioRequest, companions?: AudioCompanions): Promise<AudioHandle>;
  /** What a checked request would cost; nobody is asked and nothing is counted. @throws the errors of the choice */
  estimateText(request: TextRequest): Promise<Estimate>;
  /** The same of speech. */
  estimateAudio(request: AudioRequest): Promise<Estimate>;
  /** Waits for a text job by its id, from any process. */
  result(jobId: string, wait?: WaitInput): Promise<ExplainedTextAnswer>;
  /** Watches the text of a job come by its id, from any process: the text so far, then the rest, then the answer as result() gives it. */
  follow(jobId: string, wait?: WaitInput): AsyncIterableIterator<TextEvent>;
  /** Waits for a speech job by its id, from any process; its bytes are behind `url`, and openAudio() reads them. */
  audioResult(jobId: string, wait?: WaitInput): Promise<AudioLink>;
  /**
   * Opens the MP3 of a remembered answer, or of a job whose answer is not remembered.
   * @param range part of it; absent = all
   * @returns undefined when there is no such answer or its MP3 is gone
   * @throws REQUEST_INVALID when the range lies outside of it
   */
  openAudio(source: { readonly memoryId: string } | { readonly jobId: string }, range?: ByteRange): Promise<OpenedObject | undefined>;
  /** Cancels a job for everyone who waits for it. */
  cancel(jobId: string): Promise<'cancelled' | 'finished' | 'unknown'>;
  /** A request of this caller that was accepted earlier, by this or any other process. @throws NOT_FOUND, also for jobs of other callers */
  findRequest(jobId: string, requestId?: string | null): Promise<FoundRequest>;
  /** The answer an earlier request was given from memory, once more: for whoever delivers it later. */
  recallAnswer(request: RecalledRequest): Promise<RecalledAnswer>;
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

/** A look at a job by nobody who asked for it: it neither pays nor counts. */
function lookAt({ waitingRoom }: Connections, jobId: string, wait: WaitInput): Promise<JobResult> {
  return waitingRoom.wait({
    jobId,
    requestId: randomUUID(),
    timeoutMs: wait.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    signal: wait.signal,
    leave: wait.leave,
    lookFirst: true,
  });
}

async function openAudio(
  { database, sounds }: Connections,
  source: { readonly memoryId: string } | { readonly jobId: string },
  range: ByteRange | undefined,
): Promise<OpenedObject | undefined> {
  const file =
    'memoryId' in source
      ? (await getMemory(database, source.memoryId))?.memory.audio?.file
      : (await findResults(database, [{ jobId: source.jobId, requestId: randomUUID() }])).values().next().value?.audio?.file;
  return file === undefined ? undefined : sounds.open(file, range);
}

/**
 * Opens AI Core for this process. One call per process is enough; it serves any number of concurrent requests.
 * @throws when Redis is given and its address is not a URL; services that are away are reported by the first request
 */
export async function createAiCore(options: AiCoreOptions): Promise<AiCore> {
  return overConnections(await openConnections(options));
}

/** Accepts a request and says what is left of its caller's time. */
async function acceptInTime<Handle>(
  accept: () => Promise<Handle>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal, leave }: WaitInput,
): Promise<[Handle, WaitInput]> {
  const since = performance.now();
  if (signal?.aborted === true) throw new AiCoreError('JOB_CANCELLED', 'the signal was aborted before the request was sent');
  const handle = await within(accept(), timeoutMs);
  return [handle, { timeoutMs: Math.max(1, timeoutMs - elapsed(since)), signal, leave }];
}

function overConnections(connections: Connections): AiCore {
  async function textOfJob(jobId: string, wait: WaitInput): Promise<ExplainedTextAnswer> {
    const since = performance.now();
    return textFromJob(await lookAt(connections, jobId, wait), { latencyMs: elapsed(since), values: [] });
  }

  return {
    async generateText(input) {
      const [handle, wait] = await acceptInTime(() => requestText(connections, input), input);
      return handle.result(wait);
    },

    async *streamText(input) {
      const [handle, wait] = await acceptInTime(() => requestText(connections, { ...input, stream: true }), input);
      yield* handle.events(wait);
    },

    enqueueText: (input) => requestText(connections, input),
    acceptText: (request, companions) => acceptText(connections, request, companions),

    async generateAudio(input) {
      const [handle, wait] = await acceptInTime(() => requestAudio(connections, input, 'first'), input);
      return handle.result(wait);
    },

    enqueueAudio: (input) => requestAudio(connections, input),
    acceptAudio: (request, { idempotencyKey } = {}) => acceptAudio(connections, request, { idempotencyKey }),

    estimateText: (request) => estimateText(connections, request),
    estimateAudio: (request) => estimateAudio(connections, request),

    result: (jobId, wait = {}) => textOfJob(jobId, wait),

    follow: (jobId, wait = {}) =>
      streamAnswer({ room: connections.streamRoom, jobId, values: [], result: (leave) => textOfJob(jobId, { ...wait, leave }) }),

    async audioResult(jobId, wait = {}) {
      const since = performance.now();
      const result = await lookAt(connections, jobId, wait);
      const { file: _, ...answer } = await speechFromJob(connections.sounds, result, elapsed(since));
      return answer;
    },

    openAudio: (source, range) => openAudio(connections, source, range),

    async cancel(jobId) {
      const outcome = await takeBack(connections, jobId, null);
      return outcome === 'left' ? 'cancelled' : outcome;
    },

    findRequest: (jobId, requestId = null) => findRequest(connections, jobId, requestId),

    recallAnswer: (request) => recallAnswer(connections, request),

    forCaller: (caller) => overConnections({ ...connections, caller }),

    close: () => connections.close(),
  };
}
