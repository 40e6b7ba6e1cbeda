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
  const waitingByRequest = new Map<string, Waiting>();
  const requestsByJob = new Map<string, Set<string>>();
  const recentlyWoken = new LRUCache<string, true>({ max: 20_000, ttl: 10_000 });
  let toLookAt = new Set<string>();
  let looking = false;

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    while (toLookAt.size > 0) {
      const requests = [...toLookAt].slice(0, MAX_LOOK);
      for (const request of requests) toLookAt.delete(request);
      const waiting = requests.map((request) => waitingByRequest.get(request)).filter((entry) => entry !== undefined);
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
    const requests = requestsByJob.get(jobId);
    if (requests === undefined) return;
    for (const request of requests) toLookAt.add(request);
    void look();
  }

  function lookAtAll(olderThanMs: number): void {
    const now = performance.now();
    for (const [request, entry] of waitingByRequest) if (now - entry.since >= olderThanMs) toLookAt.add(request);
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

  function leave(ticket: Ticket): void {
    waitingByRequest.delete(ticket.requestId);
    const requests = requestsByJob.get(ticket.jobId);
    requests?.delete(ticket.requestId);
    if (requests?.size === 0) requestsByJob.delete(ticket.jobId);
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
        function finish(deliver: () => void): void {
          clearTimeout(timer);
          ticket.signal?.removeEventListener('abort', abort);
          leave(ticket);
          deliver();
        }
        waitingByRequest.set(ticket.requestId, {
          ...ticket,
          since: performance.now(),
          settle: (result) => finish(() => resolve(result)),
          fail: (error) => finish(() => reject(error)),
        });
        const requests = requestsByJob.get(ticket.jobId) ?? new Set();
        requestsByJob.set(ticket.jobId, requests.add(ticket.requestId));
        if (ticket.signal?.aborted === true) {
          abort();
          return;
        }
        ticket.signal?.addEventListener('abort', abort, { once: true });
        if (ticket.lookFirst === true || recentlyWoken.has(ticket.jobId)) {
          toLookAt.add(ticket.requestId);
          void look();
        }
      });
    },

    async close() {
      clearInterval(poll);
      for (const entry of waitingByRequest.values()) entry.fail(closing(entry));
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

function closing(ticket: Ticket): AiCoreError {
  return new AiCoreError('RESULT_NOT_READY', `this process is shutting down; the job goes on as ${ticket.jobId}`, { jobId: ticket.jobId });
}
