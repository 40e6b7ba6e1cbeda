import { MAINTENANCE_QUEUE, PROVIDER_QUEUES, type Dispatch } from '@ai-core/core';
import type { JobsOptions, WorkerOptions } from 'bullmq';

/** Every queue there is: one per provider and kind, and maintenance. */
export const QUEUE_NAMES: readonly string[] = [...PROVIDER_QUEUES.map((entry) => entry.queue), MAINTENANCE_QUEUE];

/** The id of a queue entry. The generation keeps a dead or finished entry from swallowing a later dispatch of the same work. */
export function entryId(dispatch: Dispatch): string {
  return `${dispatch.kind}-${dispatch.promptHash}-${dispatch.generation}`;
}

/** A short tail of finished entries is kept for the board. */
export const ENTRY_OPTIONS = {
  attempts: 1,
  removeOnComplete: { count: 100 },
  removeOnFail: { count: 100 },
} as const satisfies JobsOptions;

/**
 * Stall recovery is the cure for a worker killed between fetch and claim, so it is fast and never gives up; after a claim
 * the generation refuses the redelivery. (With maxStalledCount 0 callers waited 21 s, with the defaults 57 s: measured.)
 * The limiter is wide: it only makes the fleet-wide pause after a 429 work.
 */
export const WORKER_OPTIONS = {
  lockDuration: 5_000,
  stalledInterval: 1_000,
  maxStalledCount: 1_000_000,
  removeOnComplete: ENTRY_OPTIONS.removeOnComplete,
  removeOnFail: ENTRY_OPTIONS.removeOnFail,
  limiter: { max: 1_000_000, duration: 1_000 },
} as const satisfies Partial<WorkerOptions>;
