import { formatMoney } from '@ai-core/core';
import type { AiCore, ExplainedTextAnswer } from '@ai-core/producer';

/** One line of the first job, as `--json` prints it. */
export interface FirstJobEntry {
  readonly kind: 'text' | 'audio';
  readonly source: string;
  readonly provider: string;
  readonly model: string;
  readonly cached: boolean;
  /** Decimal US dollars; null = the price is unknown. */
  readonly cost_usd: string | null;
  readonly saved_usd: string;
  readonly latency_ms: number;
  readonly job_id: string | null;
}

const REQUEST = {
  requestType: 'lesson_script',
  prompt: 'Write a short lesson for beginners about the Japanese particles は and が, with three example sentences.',
  options: { language: 'en', secondary_language: 'ja', difficulty: 'easy' },
  endpoint: 'ai-core.first-job',
} as const;

function toEntry(answer: ExplainedTextAnswer): FirstJobEntry {
  return {
    kind: 'text',
    source: answer.source,
    provider: answer.provider,
    model: answer.model,
    cached: answer.cached,
    cost_usd: answer.costNanoUsd === null ? null : formatMoney(answer.costNanoUsd),
    saved_usd: formatMoney(answer.savedNanoUsd),
    latency_ms: answer.latencyMs,
    job_id: answer.jobId,
  };
}

/**
 * The first job: a request, and the same once more. On a new machine the first is bought and the second comes from memory.
 * @param refresh buys the first one anew although it is remembered
 */
export async function runFirstJob(aiCore: AiCore, refresh: boolean): Promise<FirstJobEntry[]> {
  const first = await aiCore.generateText({ ...REQUEST, ...(refresh ? { cache: 'refresh' } : {}) });
  const second = await aiCore.generateText(REQUEST);
  return [toEntry(first), toEntry(second)];
}
