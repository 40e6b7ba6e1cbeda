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
  let toLookAt = new Set<Waiting>();
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    while (toLookAt.size > 0) {
      const next = [...toLookAt].slice(0, MAX_LOOK);
      for (const entry of next) toLookAt.delete(entry);
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
        toLookAt = new Set();
      }
    }
    looking = false;
  }

  function wake(jobId: string): void {
    recentlyWoken.set(jobId, true);
    const waiting = waitingByJob.get(jobId);
    if (waiting === undefined) return;
    for (const entry of waiting) toLookAt.add(entry);
    void look();
  }

  function lookAtAll(olderThanMs: number): void {
    const now = performance.now();
    for (const entry of everyone) if (now - entry.since >= olderThanMs) toLookAt.add(entry);
    if (toLookAt.size > 0) void look();
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
          toLookAt.add(entry);
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
