import type { Dispatch } from '@ai-core/core';
import { MAINTENANCE_QUEUE } from '@ai-core/core';
import type { Job, Queue, Worker } from 'bullmq';
import type { ConsumeOptions, Consumer, QueueBackend, QueueDepth } from './backend.ts';
import { ENTRY_OPTIONS, QUEUE_NAMES, WORKER_OPTIONS, entryId } from './topology.ts';

/** What the two backends do alike: everything that goes through BullMQ's own interface. */
export type BullMqPart = Omit<QueueBackend, 'name' | 'consume' | 'messages' | 'readEpoch' | 'close'> & {
  closeQueues(): Promise<void>;
};

const GONE = new Set(['completed', 'failed', 'unknown']);

/**
 * @param open makes BullMQ's object for one queue; called once per queue, when it is first used
 */
export function createBullMqPart(open: (name: string) => Queue, onError: (error: Error) => void): BullMqPart {
  const queues = new Map<string, Queue>();

  // It throws when the queue cannot be opened. Every caller is async: thrown out of a map, that left the commands already sent to
  // other queues with nobody to hear of their failure, and ended the process.
  function queueNamed(name: string): Queue {
    let queue = queues.get(name);
    if (queue === undefined) {
      queue = open(name);
      queue.on('error', onError);
      queues.set(name, queue);
      forgetIfBroken(name, queue);
    }
    return queue;
  }

  // BullMQ asks for the server's version when the object is made, and one whose question got no answer refuses every command for
  // good: workers that had opened their queues while Redis was silent never put a job back into them, and stood still with 1,360 waiting.
  function forgetIfBroken(name: string, queue: Queue): void {
    queue.waitUntilReady().catch(() => {
      if (queues.get(name) === queue) queues.delete(name);
      queue.close().catch(onError);
    });
  }

  return {
    async dispatch(dispatches, options = {}) {
      const byQueue = Map.groupBy(dispatches, (dispatch) => dispatch.queue);
      await Promise.all(
        [...byQueue].map(async ([name, entries]) =>
          queueNamed(name).addBulk(entries.map((entry) => toEntry(entry, (options.front ?? false) || entry.front === true))),
        ),
      );
    },

    async listMissing(dispatches) {
      const states = await Promise.all(dispatches.map(async (dispatch) => queueNamed(dispatch.queue).getJobState(entryId(dispatch))));
      // What the ledger says is due and the queue still holds back is not coming: the clock of its workers is behind.
      return dispatches.filter(
        ({ delayMs }, index) => GONE.has(states[index] ?? 'unknown') || (delayMs === 0 && states[index] === 'delayed'),
      );
    },

    async pauseFor(queue, ms) {
      await queueNamed(queue).rateLimit(Math.max(1, Math.ceil(ms)));
    },

    async isPaused(name) {
      const queue = queueNamed(name);
      // By the count that only a pause reaches: the limiter counts ordinary work, too.
      const [byPerson, leftMs] = await Promise.all([queue.isPaused(), queue.getRateLimitTtl(WORKER_OPTIONS.limiter.max)]);
      return byPerson || leftMs > 0;
    },

    async schedule(schedule) {
      const queue = queueNamed(MAINTENANCE_QUEUE);
      // Declaring a schedule again would drop a run that is overdue after a downtime.
      const existing = await queue.getJobScheduler(schedule.name);
      if (existing?.pattern === schedule.pattern) return;
      await queue
        .upsertJobScheduler(schedule.name, { pattern: schedule.pattern, tz: 'UTC' }, { name: schedule.name, data: {}, opts: ENTRY_OPTIONS })
        .catch((error: Error) => {
          // Another process declared it in the same moment, and its next run exists already.
          if (!error.message.includes('already exists')) throw error;
        });
    },

    async enqueueMaintenance(name, data) {
      await queueNamed(MAINTENANCE_QUEUE).add(name, data, ENTRY_OPTIONS);
    },

    async depths() {
      return Promise.all(
        QUEUE_NAMES.map(async (name): Promise<QueueDepth> => {
          const counts = await queueNamed(name).getJobCounts('waiting', 'prioritized', 'active', 'delayed');
          return {
            queue: name,
            waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
            active: counts['active'] ?? 0,
            delayed: counts['delayed'] ?? 0,
          };
        }),
      );
    },

    listQueues: () => QUEUE_NAMES.map(queueNamed),

    async closeQueues() {
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(onError)));
    },
  };
}

function toEntry(dispatch: Dispatch, front: boolean) {
  return {
    name: dispatch.requestType,
    data: { jobId: dispatch.jobId, generation: dispatch.generation },
    opts: {
      ...ENTRY_OPTIONS,
      jobId: entryId(dispatch),
      // Priority 0 is BullMQ's plain list, taken before every other priority.
      ...(front ? { lifo: true } : dispatch.priority > 0 ? { priority: dispatch.priority } : {}),
      ...(dispatch.delayMs > 0 ? { delay: dispatch.delayMs } : {}),
    },
  };
}

/** The handler BullMQ calls: it never fails an entry, whatever happens. The ledger, not the queue, knows about failures. */
export function toProcessor(options: ConsumeOptions): (job: Job) => Promise<void> {
  return async (job) => {
    try {
      await options.handle({ name: job.name, data: job.data as Record<string, unknown> });
    } catch (error) {
      options.onError(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

export function toConsumer(worker: Worker): Consumer {
  return {
    pause: () => worker.pause(true),
    close: () => worker.close(),
  };
}
