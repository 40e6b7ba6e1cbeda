/** What open pages are told without asking: one look at the ledger for all of them, and none while nobody watches. */
import { readLiveMarks, type LiveMarks } from '@ai-core/store';
import type { ConsoleServices } from './console-services.ts';
import { readHealth } from './read-health.ts';

export const LIVE_EVENTS = ['health', 'jobs', 'training-runs'] as const;
export type LiveEvent = (typeof LIVE_EVENTS)[number];

export interface LiveListener {
  tell(event: LiveEvent, data: unknown): void;
  /** Called with every look, so that a listener who may not watch any more can be sent away. */
  check(): Promise<void>;
}

export interface LiveFeed {
  /** @returns a function that ends it */
  watch(listener: LiveListener): () => void;
  close(): void;
}

const LOOK_MS = 2_000;

/** Looks every two seconds while somebody watches: health is told each time, the others when something has changed. */
export function createLiveFeed(services: ConsoleServices): LiveFeed {
  const listeners = new Set<LiveListener>();
  let timer: NodeJS.Timeout | undefined;
  let marks: LiveMarks | null = null;
  let isLooking = false;

  function tell(event: LiveEvent, data: unknown): void {
    for (const listener of listeners) listener.tell(event, data);
  }

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const [health, now] = await Promise.all([readHealth(services), readLiveMarks(services.database)]);
      tell('health', health);
      if (marks !== null && marks.jobs !== now.jobs) tell('jobs', {});
      if (marks !== null && marks.trainingRuns !== now.trainingRuns) tell('training-runs', {});
      marks = now;
      await Promise.all([...listeners].map((listener) => listener.check()));
    } catch (error) {
      services.log.debug({ err: error }, 'a look for open pages failed; the next one follows');
    } finally {
      isLooking = false;
    }
  }

  return {
    watch(listener) {
      listeners.add(listener);
      if (timer === undefined) {
        timer = setInterval(() => void look(), LOOK_MS);
        timer.unref();
      }
      void look();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
        marks = null;
      };
    },
    close() {
      listeners.clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
}
