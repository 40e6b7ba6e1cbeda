import { isUnavailable, redispatch, type Claim, type ClaimedJob } from '@ai-core/store';
import type { QueueEntry } from '@ai-core/queue';
import { dispatchJobs } from '../dispatch-jobs.ts';
import type { JobHandler, Services } from '../services.ts';
import { wakeCallers } from '../wake-callers.ts';

const LONGEST_EARLY_WAIT_MS = 5_000;

/**
 * One entry of a provider queue: claim the job in the ledger and hand it to the handler of its kind. A stale entry is finished
 * quietly: the ledger decides what is work, the queue only says when.
 */
export async function serveDispatch(services: Services, entry: QueueEntry, handler: JobHandler): Promise<void> {
  const jobId = String(entry.data['jobId']);
  const generation = String(entry.data['generation']);
  for (;;) {
    if (services.isStopping()) return giveBack(services, jobId, generation);
    const claim = await claimPatiently(services, jobId, generation);
    if (claim === undefined) return giveBack(services, jobId, generation);
    void dispatchJobs(services, claim.next);
    switch (claim.outcome) {
      case 'claimed':
        return work(services, claim.job, handler);
      case 'memory':
      case 'expired':
        return wakeCallers(services, claim.jobId, claim.replyTo);
      case 'refused':
        return;
      case 'early':
        // The queue's clock runs ahead of the ledger's.
        await new Promise((resolve) => setTimeout(resolve, Math.min(claim.waitMs + 1, LONGEST_EARLY_WAIT_MS)));
        continue;
      case 'dead':
        // This process was frozen and is registering again.
        await new Promise((resolve) => setTimeout(resolve, 250));
        continue;
    }
  }
}

/**
 * Has the job in hand until the handler is done with it. A handler that breaks down leaves it to the ledger, which says it is run
 * here: release-unheld gives it back.
 */
async function work(services: Services, job: ClaimedJob, handler: JobHandler): Promise<void> {
  services.held.add(job.jobId);
  try {
    await handler(services, job);
  } finally {
    services.held.delete(job.jobId);
  }
}

/** @returns undefined when the process is to stop before Postgres answers */
async function claimPatiently(services: Services, jobId: string, generation: string): Promise<Claim | undefined> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 2_000)) {
    try {
      return await services.claim({ jobId, generation });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (services.isStopping()) return undefined;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** An entry taken from the queue by a process that stops, not claimed: the ledger still says queued, so it goes in again under a new generation. */
async function giveBack(services: Services, jobId: string, generation: string): Promise<void> {
  const again = await redispatch(services.database, [{ jobId, generation }]).catch(() => []);
  await dispatchJobs(services, again, { front: true });
}
