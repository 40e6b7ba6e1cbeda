import { AiCoreError, openValues } from '@ai-core/core';
import { findCallerRequest, findResults, type JobResult } from '@ai-core/store';
import { elapsed } from './answer-base.ts';
import { speechFromJob, type AudioLink } from './audio-answer.ts';
import type { Connections } from './connections.ts';
import { DEFAULT_TIMEOUT_MS } from './request-handle.ts';
import type { WaitInput } from './request-input.ts';
import { streamAnswer, type TextEvent } from './stream-answer.ts';
import { takeBack } from './take-back.ts';
import { textFromJob, type ExplainedTextAnswer } from './text-answer.ts';

/** A request that was accepted earlier, maybe by another process. */
export interface FoundRequest {
  readonly jobId: string;
  readonly requestId: string;
  /** How the job stands now. @throws NOT_FOUND when it has been removed */
  look(): Promise<Pick<JobResult, 'state' | 'kind'>>;
  /**
   * Waits for the answer to a text request, personal data filled back.
   * @throws RESULT_NOT_READY when it takes longer than `timeoutMs` or `leave` aborts; the job's error when it failed
   */
  result(wait?: WaitInput): Promise<ExplainedTextAnswer>;
  /** The same of a speech request: a link to the MP3. */
  link(wait?: WaitInput): Promise<AudioLink>;
  /** The text as it comes, also from its beginning when much of it has come already. */
  events(wait?: WaitInput): AsyncIterableIterator<TextEvent>;
  /** Takes this request back. */
  takeBack(): Promise<'left' | 'cancelled' | 'finished'>;
}

function gone(jobId: string): AiCoreError {
  return new AiCoreError('NOT_FOUND', `there is no job ${jobId} of this caller`, { jobId });
}

/**
 * Finds a caller's own request by its job. Another caller's job is not found.
 * @param requestId needed when the caller has several requests for the job and one of them holds personal data; null = its latest
 * @throws NOT_FOUND, REQUEST_INVALID when it is not clear which request is meant
 */
export async function findRequest(connections: Connections, jobId: string, requestId: string | null): Promise<FoundRequest> {
  const { database, caller, sealKey, streamRoom, waitingRoom } = connections;
  const found = await findCallerRequest(database, { jobId, caller, requestId });
  if (found === null) throw gone(jobId);
  if (found.requests > 1 && found.anySealed) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `job ${jobId} serves several requests with personal data of their own; name yours by request_id`,
      { jobId },
    );
  }
  const own = found.requestId;
  const values = found.sealedValues === null ? [] : openValues(found.sealedValues, { key: sealKey, requestId: own });

  function finish({ timeoutMs = DEFAULT_TIMEOUT_MS, signal, leave }: WaitInput = {}): Promise<JobResult> {
    return waitingRoom.wait({ jobId, requestId: own, timeoutMs, signal, leave, lookFirst: true });
  }

  async function result(wait?: WaitInput): Promise<ExplainedTextAnswer> {
    const since = performance.now();
    return textFromJob(await finish(wait), { latencyMs: elapsed(since), values });
  }

  return {
    jobId,
    requestId: own,
    async look() {
      const found = (await findResults(database, [{ jobId, requestId: own }])).get(own);
      if (found === undefined) throw gone(jobId);
      return { kind: found.kind, state: found.cancelled ? 'cancelled' : found.state };
    },
    result,
    async link(wait) {
      const since = performance.now();
      const { file: _, ...answer } = await speechFromJob(connections.sounds, await finish(wait), elapsed(since));
      return answer;
    },
    events: (wait) => streamAnswer({ room: streamRoom, jobId, values, result: (leave) => result({ ...wait, leave }) }),
    async takeBack() {
      const outcome = await takeBack(connections, jobId, own);
      if (outcome === 'unknown') throw gone(jobId);
      return outcome;
    },
  };
}
