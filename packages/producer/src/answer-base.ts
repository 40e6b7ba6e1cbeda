import { AiCoreError, isBought, isErrorCode, type AnswerBase, type Explanation, type Placeholder } from '@ai-core/core';
import type { JobResult, Memory } from '@ai-core/store';

/** How long a request has taken so far, in whole milliseconds. */
export function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}

/** What an answer says beside itself when it was asked to. */
export interface Explained {
  /** Only when the request asked to explain and a model had to be chosen. */
  readonly explanation?: readonly Explanation[] | undefined;
}

/** What an answer is delivered with. */
export interface Delivery {
  readonly simulated: boolean;
  readonly latencyMs: number;
  /** Personal data of this caller, to be put back where its placeholders stand. */
  readonly values: readonly Placeholder[];
}

/** What every remembered answer tells: it costs nothing and saves what it would have cost to make. */
export function baseFromMemory(memory: Memory, { simulated, latencyMs }: Omit<Delivery, 'values'>): AnswerBase {
  return {
    jobId: null,
    memoryId: memory.id,
    provider: memory.provider,
    model: memory.model,
    cached: true,
    source: 'memory',
    simulated,
    tokensUsed: memory.tokensUsed,
    outputTokens: memory.outputTokens,
    costNanoUsd: 0n,
    savedNanoUsd: memory.savesNanoUsd,
    latencyMs,
    ignoredOptions: memory.ignoredOptions,
  };
}

/**
 * What every finished job tells one of its callers.
 * @throws the job's error when it failed, was cancelled or is not finished
 */
export function baseFromJob(result: JobResult, latencyMs: number): AnswerBase {
  if (result.cancelled) throw new AiCoreError('JOB_CANCELLED', 'the request was cancelled', { jobId: result.jobId });
  if (result.state !== 'done') {
    const code = result.errorCode !== null && isErrorCode(result.errorCode) ? result.errorCode : 'INTERNAL';
    throw new AiCoreError(code, result.errorMessage ?? 'the job failed', { jobId: result.jobId });
  }
  return {
    jobId: result.jobId,
    memoryId: result.memoryId,
    provider: result.provider,
    model: result.model,
    cached: !isBought(result.source),
    source: result.source,
    simulated: result.simulated,
    tokensUsed: result.tokensUsed,
    outputTokens: result.outputTokens,
    costNanoUsd: result.costNanoUsd,
    savedNanoUsd: result.savedNanoUsd,
    latencyMs,
    ignoredOptions: result.ignoredOptions,
  };
}

/** @returns the error for the answer of a job that is not there any more */
export function forgotten(jobId: string | null): AiCoreError {
  return new AiCoreError('NOT_FOUND', 'the answer of this job has been forgotten', { jobId: jobId ?? undefined });
}
