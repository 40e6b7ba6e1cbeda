import { AiCoreError, fillBack, fillToolCalls, isBought, type TextAnswer } from '@ai-core/core';
import type { JobResult, Memory } from '@ai-core/store';
import { baseFromJob, baseFromMemory, forgotten, type Delivery, type Explained } from './answer-base.ts';

export interface ExplainedTextAnswer extends TextAnswer, Explained {}

/** A remembered text, with this caller's own personal data. */
export function textFromMemory(memory: Memory, delivery: Delivery): ExplainedTextAnswer {
  return { ...baseFromMemory(memory, delivery), text: fillBack(memory.text ?? '', delivery.values).text, toolCalls: [] };
}

/**
 * What a finished job means for one of its callers.
 * @throws the job's error when it failed, was cancelled or is not finished
 */
export function textFromJob(result: JobResult, { latencyMs, values }: Omit<Delivery, 'simulated'>): ExplainedTextAnswer {
  const base = baseFromJob(result, latencyMs);
  if (result.kind !== 'text') {
    throw new AiCoreError('REQUEST_INVALID', 'this job is speech; its answer is an MP3, not a text', { jobId: result.jobId });
  }
  if (result.text === null) throw forgotten(result.jobId);
  const filled = fillBack(result.text, values);
  if (filled.foreign && !isBought(result.source)) {
    throw new AiCoreError('PROVIDER_BAD_ANSWER', 'the answer holds personal data of another request and serves only that one; ask again', {
      jobId: result.jobId,
    });
  }
  return { ...base, text: filled.text, toolCalls: fillToolCalls(result.toolCalls, values) };
}
