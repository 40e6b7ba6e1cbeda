import { AiCoreError } from '@ai-core/core';
import {
  accountUnknown,
  bringForward,
  completeCallers,
  countBacklog,
  fillWindows,
  leaveBatchLane,
  listOverdue,
  redispatch,
  sweepRunning,
  sweepWorkers,
} from '@ai-core/store';
import { dispatchJobs } from '../dispatch-jobs.ts';
import { watchBudgets } from './watch-budgets.ts';
import type { Services } from '../services.ts';

const LEASES_EVERY_MS = 500;
const QUEUED_EVERY_MS = 5_000;
const EPOCH_EVERY_MS = 1_000;
const BUDGETS_EVERY_MS = 1_000;
const BACKLOG_EVERY_MS = 2_000;
const FORWARD_EVERY_MS = 1_000;
const OVERDUE_MS = 5_000;
/** Longer than a person waits: until then lanes, priorities and the fairness between callers decide alone. */
const WAITED_TOO_LONG_MS = 60_000;
/** After its own connection was made again a sweeper takes nothing over for a while: a database crash is not everybody's death. */
const QUIET_AFTER_RECONNECT_MS = 10_000;

/** Looks after what crashes leave behind: dead workers, lost queue entries, unaccounted callers. Runs in every maintenance process. */
export interface Sweeper {
  stop(): Promise<void>;
}

export function startSweeper(services: Services): Sweeper {
  const { database, queue, log } = services;
  let quietUntil = 0;
  let epoch: string | undefined;
  const loops: { stopped: boolean; done: Promise<void> }[] = [];

  /** Repeats a step until the sweeper stops. A failing step is reported once per change, not twice a second. */
  function repeat(name: string, everyMs: number, step: () => Promise<void>): void {
    const loop = { stopped: false, done: Promise.resolve() };
    let failing = false;
    const run = async (): Promise<void> => {
      while (!loop.stopped) {
        try {
          await step();
          failing = false;
        } catch (error) {
          // A queue that is away says nothing about the workers: their deaths are dealt with meanwhile.
          if (AiCoreError.is(error) && error.code === 'STORE_UNAVAILABLE') quietUntil = performance.now() + QUIET_AFTER_RECONNECT_MS;
          if (!failing) log.warn({ step: name, err: error }, 'a sweep failed; it is tried again');
          failing = true;
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
      }
    };
    loop.done = run();
    loops.push(loop);
  }

  repeat('leases', LEASES_EVERY_MS, async () => {
    if (performance.now() < quietUntil) return;
    const dead = await sweepWorkers(database);
    if (dead.length > 0) log.warn({ workers: dead }, 'workers died; their jobs are taken over');
    const taken = await sweepRunning(database);
    await dispatchJobs(services, taken, { front: true });
  });

  repeat('queued', QUEUED_EVERY_MS, async () => {
    await dispatchLost(OVERDUE_MS);
    await dispatchJobs(services, await leaveBatchLane(database));
    await dispatchJobs(services, await fillWindows(database, services.settings.dispatchWindow));
    await completeCallers(database);
    await accountUnknown(database, services.settings.unknownGraceMs);
  });

  repeat('budgets', BUDGETS_EVERY_MS, () => watchBudgets(services));

  repeat('backlog', BACKLOG_EVERY_MS, () => countBacklog(database));

  repeat('forward', FORWARD_EVERY_MS, async () => dispatchJobs(services, await bringForward(database, WAITED_TOO_LONG_MS)));

  repeat('epoch', EPOCH_EVERY_MS, async () => {
    const seen = await queue.readEpoch();
    if (epoch !== undefined && epoch !== seen) {
      log.warn({}, 'the queue has been emptied; what was in it is dispatched again');
      await dispatchLost(0);
    }
    epoch = seen;
  });

  async function dispatchLost(olderMs: number): Promise<void> {
    for (;;) {
      const overdue = await listOverdue(database, olderMs);
      const lost = await queue.listMissing(overdue);
      if (lost.length === 0) return;
      log.warn({ jobs: lost.length }, 'the queue has lost jobs; they are dispatched again');
      await dispatchJobs(services, await redispatch(database, lost));
      if (overdue.length < 2_000) return;
    }
  }

  return {
    async stop() {
      for (const loop of loops) loop.stopped = true;
      await Promise.race([Promise.all(loops.map((loop) => loop.done)), new Promise((resolve) => setTimeout(resolve, 1_000))]);
    },
  };
}
