import { computeCost, priceOfCall, type Usage } from '@ai-core/core';
import type { ClaimedJob } from '@ai-core/store';
import type { Services } from './services.ts';

export interface PricedUsage {
  readonly usage: Usage;
  /** null = the price or the usage is not known; the row is listed as unpriced. */
  readonly costNanoUsd: bigint | null;
  readonly priceId: string | null;
}

/**
 * What a call cost: by the model the provider says it used, at the price in effect when the attempt began.
 */
export async function priceCall(
  services: Services,
  job: ClaimedJob,
  call: { readonly usage: Usage; readonly model: string },
): Promise<PricedUsage> {
  const { prices } = await services.snapshots.get();
  const price = priceOfCall(prices, { provider: job.provider, answered: call.model, asked: job.model, at: job.startedAt });
  const cost = computeCost(call.usage, price);
  if (cost.nanoUsd === null) {
    services.log.warn(
      { jobId: job.jobId, provider: job.provider, model: call.model, unpriced: cost.unpriced, faults: cost.faults },
      'a call has no price',
    );
  }
  return { usage: call.usage, costNanoUsd: cost.nanoUsd, priceId: cost.nanoUsd === null ? null : (price?.id ?? null) };
}
