import { AiCoreError, isErrorCode, type Explanation, type TextAnswer } from '@ai-core/core';
import type { JobResult, Memory } from '@ai-core/store';

/** How long a request has taken so far, in whole milliseconds. */
export function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}

export interface ExplainedTextAnswer extends TextAnswer {
  /** Only when the request asked to explain and a model had to be chosen. */
  readonly explanation?: readonly Explanation[] | undefined;
}

/** A remembered answer: it costs nothing and saves what it cost to make. */
export function fromMemory(memory: Memory, simulated: boolean, latencyMs: number): ExplainedTextAnswer {
  return {
    text: memory.text ?? '',
    jobId: null,
    memoryId: memory.id,
    provider: memory.provider,
    model: memory.model,
    cached: true,
    source: 'memory',
    simulated,
    tokensUsed: memory.tokensUsed,
    costNanoUsd: 0n,
    savedNanoUsd: memory.costNanoUsd ?? 0n,
    latencyMs,
    ignoredOptions: memory.ignoredOptions,
  };
}

/**
 * What a finished job means for one of its callers.
 * @throws the job's error when it failed, was cancelled or is not finished
 */
export function fromJob(result: JobResult, latencyMs: number): ExplainedTextAnswer {
  if (result.cancelled) throw new AiCoreError('JOB_CANCELLED', 'the request was cancelled', { jobId: result.jobId });
  if (result.state !== 'done') {
    const code = result.errorCode !== null && isErrorCode(result.errorCode) ? result.errorCode : 'INTERNAL';
    throw new AiCoreError(code, result.errorMessage ?? 'the job failed', { jobId: result.jobId });
  }
  return {
    text: result.text ?? '',
    jobId: result.jobId,
    memoryId: result.memoryId,
    provider: result.provider,
    model: result.model,
    cached: result.source !== 'provider',
    source: result.source,
    simulated: result.simulated,
    tokensUsed: result.tokensUsed,
    costNanoUsd: result.costNanoUsd,
    savedNanoUsd: result.savedNanoUsd,
    latencyMs,
    ignoredOptions: result.ignoredOptions,
  };
}
