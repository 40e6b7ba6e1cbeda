import type { TextResult } from '@ai-core/providers';
import type { ClaimedJob, SettledAnswer } from '@ai-core/store';
import { priceCall } from './price-call.ts';
import type { Services } from './services.ts';
import { hasForeignPlaceholder } from './text-request.ts';

/**
 * A text as it is settled, with its price, whether it was called for or came back in a batch.
 * @param latencyMs from the call to the answer
 */
export async function toPaidText(
  services: Services,
  job: ClaimedJob,
  { result, latencyMs }: { readonly result: TextResult; readonly latencyMs: number },
): Promise<SettledAnswer> {
  const priced = await priceCall(services, job, { usage: result.usage, model: result.model });
  return {
    jobId: job.jobId,
    fence: job.fence,
    attemptId: job.attemptId,
    usage: priced.usage,
    rawUsage: result.rawUsage,
    costNanoUsd: priced.costNanoUsd,
    realtimeNanoUsd: priced.realtimeNanoUsd,
    counterfactualNanoUsd: priced.counterfactualNanoUsd,
    priceId: priced.priceId,
    billedModel: result.model,
    providerRequestId: result.providerRequestId,
    remember: job.shared && !hasForeignPlaceholder(job, result.text),
    promptText: job.request.prompt,
    text: result.text,
    toolCalls: result.toolCalls,
    audio: null,
    latencyMs,
    ignoredOptions: result.ignoredOptions,
  };
}
