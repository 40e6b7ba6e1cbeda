import { MAINTENANCE_QUEUE, type Kind } from '@ai-core/core';
import type { Consumer } from '@ai-core/queue';
import { JOB_HANDLERS } from './handlers/job-handlers.ts';
import { serveDispatch } from './handlers/serve-dispatch.ts';
import { MAINTENANCE_JOBS } from './maintenance.ts';
import type { Progress } from './progress.ts';
import type { Services } from './services.ts';

interface ServedQueue {
  readonly queue: string;
  readonly kind: Kind;
  readonly concurrency: number;
  readonly progress: Progress;
}

/** Serves a queue of calls to a provider. */
export function consumeProviderQueue(services: Services, { queue, kind, concurrency, progress }: ServedQueue): Promise<Consumer> {
  return services.queue.consume({
    queue,
    concurrency,
    handle: (entry) => serveDispatch(services, entry, JOB_HANDLERS[kind]).finally(progress.begin(queue)),
    onError: (error) => services.log.error({ queue, err: error }, 'an entry was not handled'),
  });
}

/** Serves the queue of house-keeping, one job at a time. */
export function consumeMaintenance(services: Services): Promise<Consumer> {
  return services.queue.consume({
    queue: MAINTENANCE_QUEUE,
    concurrency: 1,
    handle: async (entry) => {
      const job = MAINTENANCE_JOBS[entry.name];
      if (job === undefined) services.log.warn({ name: entry.name }, 'an unknown maintenance job was left out');
      else await job.run(services);
    },
    onError: (error) => services.log.error({ err: error }, 'a maintenance job failed'),
  });
}

const SCHEDULE_AGAIN_MS = 1_000;

/** The queue may be away: what a maintenance process looks after beside it must not wait for that. */
export async function declareSchedules({ queue, log, isStopping }: Services): Promise<void> {
  for (let told = false; !isStopping(); told = true) {
    try {
      for (const [name, job] of Object.entries(MAINTENANCE_JOBS)) await queue.schedule({ name, pattern: job.pattern });
      return;
    } catch (error) {
      if (!told) log.warn({ err: error }, 'the queue is away; the schedules of the maintenance are declared when it is back');
      await new Promise((resolve) => setTimeout(resolve, SCHEDULE_AGAIN_MS).unref());
    }
  }
}
