import { compareCost, computeCost, findIncumbent, priceAt, priceOfCall, type ComparedCost, type Usage } from '@ai-core/core';
import type { CatalogueSnapshot, ClaimedJob } from '@ai-core/store';
import type { Services } from './services.ts';

export interface PricedUsage extends ComparedCost {
  readonly usage: Usage;
  /** null = the price or the usage is not known; the row is listed as unpriced. */
  readonly costNanoUsd: bigint | null;
  readonly priceId: string | null;
}

/** The price of the model that would else have answered. */
function incumbentPriceOf({ prices, policies }: CatalogueSnapshot, job: ClaimedJob, model: string) {
  const policy = policies.find(({ requestType }) => requestType === job.requestType);
  const incumbent = findIncumbent({ ...job, answered: { provider: job.provider, model }, before: policy?.incumbent ?? null });
  return incumbent === null ? null : priceAt(prices, { provider: incumbent.provider, modelName: incumbent.model, at: job.startedAt });
}

/**
 * What a call cost: by the model the provider says it used, at the price in effect when the attempt began; and what it would have cost.
 */
export async function priceCall(
  services: Services,
  job: ClaimedJob,
  call: { readonly usage: Usage; readonly model: string },
): Promise<PricedUsage> {
  const snapshot = await services.snapshots.get();
  const price = priceOfCall(snapshot.prices, { provider: job.provider, answered: call.model, asked: job.model, at: job.startedAt });
  const cost = computeCost(call.usage, price);
  if (cost.nanoUsd === null) {
    services.log.warn(
      { jobId: job.jobId, provider: job.provider, model: call.model, unpriced: cost.unpriced, faults: cost.faults },
      'a call has no price',
    );
  }
  return {
    usage: call.usage,
    costNanoUsd: cost.nanoUsd,
    ...compareCost({ usage: call.usage, price, incumbentPrice: incumbentPriceOf(snapshot, job, call.model) }),
    priceId: cost.nanoUsd === null ? null : (price?.id ?? null),
  };
}
