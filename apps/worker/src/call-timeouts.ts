import { resolvePolicy, type ProviderConfig } from '@ai-core/core';
import type { CallTimeouts } from '@ai-core/providers';
import { ledgerTimeMs, type CatalogueSnapshot, type ClaimedJob } from '@ai-core/store';

const CONNECT_MS = 5_000;
const IDLE_MS = 20_000;

/** The configuration of the model a job is tried on; undefined for a pinned model without a row. */
export function configOfJob(snapshot: CatalogueSnapshot, job: ClaimedJob): ProviderConfig | undefined {
  return snapshot.configs.find((config) => config.provider === job.provider && config.modelName === job.model && config.kind === job.kind);
}

/**
 * How long one call may take: the configuration's limits first, then the request type's total. An answer that is not streamed has
 * its first byte when it is whole, so the first byte may take as long as the call.
 */
export function decideTimeouts(snapshot: CatalogueSnapshot, job: ClaimedJob): CallTimeouts {
  const limits = configOfJob(snapshot, job)?.limits.timeoutsMs ?? {};
  const policy = resolvePolicy(snapshot.policies, job.requestType);
  const untilDeadline = job.deadline === null ? Number.POSITIVE_INFINITY : Math.max(1_000, job.deadline.getTime() - ledgerTimeMs(job));
  const total = Math.min(limits.total ?? policy.timeoutMs, untilDeadline);
  return {
    connect: limits.connect ?? CONNECT_MS,
    firstByte: Math.min(limits.firstByte ?? total, total),
    idle: limits.idle ?? IDLE_MS,
    total,
  };
}
