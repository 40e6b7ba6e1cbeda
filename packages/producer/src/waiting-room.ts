import { AiCoreError } from '@ai-core/core';
import { inboxTopic, type Messages } from '@ai-core/queue';
import { findResults, type Database, type JobResult } from '@ai-core/store';
import { LRUCache } from 'lru-cache';

export interface WaitingRoomOptions {
  readonly database: Database;
  readonly messages: Messages;
  /** Name of this process's inbox; admissions carry it. */
  readonly inbox: string;
  /** How often jobs that wait are looked at although no hint came, in milliseconds. Default 1,000. */
  readonly pollMs?: number;
  readonly onError?: ((error: unknown) => void) | undefined;
}

export interface WaitingRoom {
  /**
   * Waits until the job is finished.
   * @param timeoutMs gives up with RESULT_NOT_READY after this long
   * @param onAbort called once when the signal aborts; the wait then ends with JOB_CANCELLED
   */
  wait(ticket: Ticket): Promise<JobResult>;
  close(): Promise<void>;
}

export interface Ticket {
  readonly jobId: string;
  readonly requestId: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onAbort?: (() => Promise<void>) | undefined;
  /** Aborting it ends the wait with RESULT_NOT_READY, and nothing else. */
  readonly leave?: AbortSignal | undefined;
  /** True for a job that may long be finished: look before waiting. */
  readonly lookFirst?: boolean | undefined;
}

interface Waiting extends Ticket {
  readonly since: number;
  readonly settle: (result: JobResult) => void;
  readonly fail: (error: AiCoreError) => void;
}

const UNFINISHED = new Set<JobResult['state']>(['queued', 'running', 'parked', 'batched']);
const MAX_LOOK = 500;
/** Smaller, so that what a hint has named never waits long behind the poll. */
const MAX_POLL = 100;

/**
 * Thousands of callers on one subscription. A wake-up is only a hint: the ledger row is the result, and every job that waits is
 * looked at each second as well. A hint can come before the admission's own reply, so hints are remembered for a while.
 */
export function createWaitingRoom(options: WaitingRoomOptions): WaitingRoom {
  const { database, messages, inbox, pollMs = 1_000 } = options;
  // Tickets, not requests: one request may be waited for several times, by a replay or by asking its handle twice.
  const everyone = new Set<Waiting>();
  const waitingByJob = new Map<string, Set<Waiting>>();
  const recentlyWoken = new LRUCache<string, true>({ max: 20_000, ttl: 10_000 });
  // Hinted ones first: with thousands of callers the poll took 300 ms each second, and finished answers stood behind it.
  const hinted = new Set<Waiting>();
  const polled = new Set<Waiting>();
  let looking = false;

  function takeNext(): Waiting[] {
    const [source, most] = hinted.size > 0 ? [hinted, MAX_LOOK] : [polled, MAX_POLL];
    const next: Waiting[] = [];
    for (const entry of source) {
      if (next.length === most) break;
      next.push(entry);
      hinted.delete(entry);
      polled.delete(entry);
    }
    return next;
  }

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    while (hinted.size + polled.size > 0) {
      const next = takeNext();
      const waiting = next.filter((entry) => everyone.has(entry));
      if (waiting.length === 0) continue;
      try {
        const results = await findResults(database, waiting);
        for (const entry of waiting) {
          const result = results.get(entry.requestId);
          if (result === undefined) entry.fail(gone(entry));
          else if (!UNFINISHED.has(result.state) || result.cancelled) entry.settle(result);
        }
      } catch (error) {
        // The poll looks again; meanwhile the callers' own deadlines hold.
        options.onError?.(error);
        hinted.clear();
        polled.clear();
      }
    }
    looking = false;
  }

  function wake(jobId: string): void {
    recentlyWoken.set(jobId, true);
    const waiting = waitingByJob.get(jobId);
    if (waiting === undefined) return;
    for (const entry of waiting) hinted.add(entry);
    void look();
  }

  function lookAtAll(olderThanMs: number): void {
    const now = performance.now();
    for (const entry of everyone) if (now - entry.since >= olderThanMs) polled.add(entry);
    void look();
  }

  const subscription = messages.subscribe(
    inboxTopic(inbox),
    (text) => text.split(',').forEach(wake),
    () => lookAtAll(0),
  );
  subscription.catch((error: unknown) => options.onError?.(error));
  const poll = setInterval(() => lookAtAll(pollMs / 2), pollMs);
  poll.unref();

  function enter(entry: Waiting): void {
    everyone.add(entry);
    const waiting = waitingByJob.get(entry.jobId) ?? new Set();
    waitingByJob.set(entry.jobId, waiting.add(entry));
  }

  function leave(entry: Waiting): void {
    everyone.delete(entry);
    const waiting = waitingByJob.get(entry.jobId);
    waiting?.delete(entry);
    if (waiting?.size === 0) waitingByJob.delete(entry.jobId);
  }

  return {
    wait(ticket) {
      return new Promise<JobResult>((resolve, reject) => {
        const timer = setTimeout(() => finish(() => reject(notReady(ticket))), ticket.timeoutMs);
        const abort = (): void => finish(() => void cancel());
        const cancel = async (): Promise<void> => {
          await ticket.onAbort?.().catch((error: unknown) => options.onError?.(error));
          reject(new AiCoreError('JOB_CANCELLED', 'the caller took the request back', { jobId: ticket.jobId }));
        };
        const goAway = (): void => finish(() => reject(gaveUp(ticket)));
        function finish(deliver: () => void): void {
          clearTimeout(timer);
          ticket.signal?.removeEventListener('abort', abort);
          ticket.leave?.removeEventListener('abort', goAway);
          leave(entry);
          deliver();
        }
        const entry: Waiting = {
          ...ticket,
          since: performance.now(),
          settle: (result) => finish(() => resolve(result)),
          fail: (error) => finish(() => reject(error)),
        };
        enter(entry);
        if (ticket.signal?.aborted === true) {
          abort();
          return;
        }
        if (ticket.leave?.aborted === true) {
          goAway();
          return;
        }
        ticket.signal?.addEventListener('abort', abort, { once: true });
        ticket.leave?.addEventListener('abort', goAway, { once: true });
        if (ticket.lookFirst === true || recentlyWoken.has(ticket.jobId)) {
          hinted.add(entry);
          void look();
        }
      });
    },

    async close() {
      clearInterval(poll);
      for (const entry of everyone) entry.fail(closing(entry));
      const unsubscribe = await Promise.race([
        subscription.catch(() => undefined),
        new Promise<undefined>((resolve) => setTimeout(resolve, 500, undefined)),
      ]);
      await unsubscribe?.().catch(() => undefined);
    },
  };
}

function gone(ticket: Ticket): AiCoreError {
  return new AiCoreError('NOT_FOUND', `there is no job ${ticket.jobId}`, { jobId: ticket.jobId });
}

function notReady(ticket: Ticket): AiCoreError {
  return new AiCoreError('RESULT_NOT_READY', `no result within ${ticket.timeoutMs} ms; the job goes on as ${ticket.jobId}`, {
    jobId: ticket.jobId,
    retryAfterMs: 1_000,
  });
}

function gaveUp(ticket: Ticket): AiCoreError {
  return new AiCoreError('RESULT_NOT_READY', `nobody listens any more; the job goes on as ${ticket.jobId}`, { jobId: ticket.jobId });
}

function closing(ticket: Ticket): AiCoreError {
  return new AiCoreError('RESULT_NOT_READY', `this process is shutting down; the job goes on as ${ticket.jobId}`, { jobId: ticket.jobId });
}
