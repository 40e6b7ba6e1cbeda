import { releaseUnheld } from '@ai-core/store';
import { dispatchJobs } from '../dispatch-jobs.ts';
import type { Services } from '../services.ts';

/** A claim's reply takes milliseconds; one that is this old was lost. */
const LOST_AFTER_MS = 15_000;

/**
 * Compares what the ledger says this worker runs with what it has in hand, and gives the rest back: the reply to a claim got lost
 * with its connection, or a handler broke down. Paid answers in the spool count as held until they are settled.
 */
export async function releaseUnheldJobs(services: Services): Promise<void> {
  const spooled = services.spool.list().flatMap(({ spooled: { answer, part } }) => (part === true ? [] : [String(answer['job_id'])]));
  const released = await releaseUnheld(services.database, {
    workerId: services.workerId(),
    held: [...services.held, ...spooled],
    olderMs: LOST_AFTER_MS,
  });
  if (released.length > 0) services.log.warn({ jobs: released.map((entry) => entry.jobId) }, 'jobs nobody had in hand are queued again');
  await dispatchJobs(services, released, { front: true });
}
