import type { AnswerBase } from './answer.ts';
import { formatMoney } from './format-money.ts';

/** What every answer tells about itself as it goes over a wire: snake_case, money as decimal strings of US dollars. */
export function answerToWire(answer: AnswerBase) {
  return {
    job_id: answer.jobId,
    memory_id: answer.memoryId,
    provider: answer.provider,
    model: answer.model,
    cached: answer.cached,
    source: answer.source,
    simulated: answer.simulated,
    tokens_used: answer.tokensUsed,
    cost_usd: answer.costNanoUsd === null ? null : formatMoney(answer.costNanoUsd),
    saved_usd: formatMoney(answer.savedNanoUsd),
    latency_ms: answer.latencyMs,
    ignored_options: [...answer.ignoredOptions],
  };
}

export type WireAnswer = ReturnType<typeof answerToWire>;
