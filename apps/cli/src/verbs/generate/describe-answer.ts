import { formatMoney, type AnswerBase, type Explanation } from '@ai-core/core';
import { formatUsd } from '../../format-usd.ts';
import { formatTable } from '../../output.ts';

type Answer = AnswerBase & { readonly explanation?: readonly Explanation[] | undefined };

/** The receipt of an answer for people: who, from where, how long, how much. */
export function describeAnswer(answer: Answer): string[] {
  const lines = [
    `${answer.provider}/${answer.model}${answer.simulated ? ' (simulated)' : ''}, from ${answer.source}, ${answer.latencyMs} ms, ` +
      `cost ${formatUsd(answer.costNanoUsd)}, saved ${formatUsd(answer.savedNanoUsd)}${answer.jobId === null ? '' : `, job ${answer.jobId}`}`,
  ];
  if (answer.ignoredOptions.length > 0) lines.push(`left out, the model cannot honour them: ${answer.ignoredOptions.join(', ')}`);
  if (answer.explanation !== undefined) {
    const rows = answer.explanation.map((entry) => [`${entry.provider}/${entry.model}`, entry.taken ? 'yes' : 'no', entry.detail]);
    lines.push('', ...formatTable(['model', 'taken', 'why'], rows));
  }
  return lines;
}

/** The same as HTTP has it. */
export function answerToWire(answer: Answer): Record<string, unknown> {
  return {
    job_id: answer.jobId,
    provider: answer.provider,
    model: answer.model,
    cached: answer.cached,
    source: answer.source,
    simulated: answer.simulated,
    tokens_used: answer.tokensUsed,
    cost_usd: answer.costNanoUsd === null ? null : formatMoney(answer.costNanoUsd),
    saved_usd: formatMoney(answer.savedNanoUsd),
    latency_ms: answer.latencyMs,
    memory_id: answer.memoryId,
    ignored_options: answer.ignoredOptions,
    ...(answer.explanation === undefined ? {} : { explanation: answer.explanation }),
  };
}
