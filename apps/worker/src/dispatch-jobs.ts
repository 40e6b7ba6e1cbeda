import type { Dispatch } from '@ai-core/core';
import type { Services } from './services.ts';

/**
 * Puts jobs that are committed as queued into their queues. When the queue is away they stay in the ledger, and the sweeper
 * finds them there.
 */
export async function dispatchJobs(services: Services, dispatches: readonly Dispatch[], options: { front?: boolean } = {}): Promise<void> {
  if (dispatches.length === 0) return;
  try {
    await services.queue.dispatch(dispatches, options);
  } catch (error) {
    services.log.warn({ jobs: dispatches.length, err: error }, 'the queue is unreachable; the sweeper will dispatch these jobs');
  }
}
