import { AiCoreError, fillBack, isErrorCode, type Explanation, type Placeholder, type TextAnswer } from '@ai-core/core';
import type { JobResult, Memory } from '@ai-core/store';

/** How long a request has taken so far, in whole milliseconds. */
export function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}

export interface ExplainedTextAnswer extends TextAnswer {
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

/** A remembered answer: it costs nothing and saves what it cost to make. */
export function fromMemory(memory: Memory, { simulated, latencyMs, values }: Delivery): ExplainedTextAnswer {
  return {
    text: fillBack(memory.text ?? '', values).text,
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
export function fromJob(result: JobResult, { latencyMs, values }: Omit<Delivery, 'simulated'>): ExplainedTextAnswer {
  if (result.cancelled) throw new AiCoreError('JOB_CANCELLED', 'the request was cancelled', { jobId: result.jobId });
  if (result.state !== 'done') {
    const code = result.errorCode !== null && isErrorCode(result.errorCode) ? result.errorCode : 'INTERNAL';
    throw new AiCoreError(code, result.errorMessage ?? 'the job failed', { jobId: result.jobId });
  }
  if (result.text === null) {
    throw new AiCoreError('NOT_FOUND', 'the answer of this job has been forgotten', { jobId: result.jobId });
  }
  const filled = fillBack(result.text, values);
  if (filled.foreign && result.source !== 'provider') {
    throw new AiCoreError('PROVIDER_BAD_ANSWER', 'the answer holds personal data of another request and serves only that one; ask again', {
      jobId: result.jobId,
    });
  }
  return {
    text: filled.text,
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
