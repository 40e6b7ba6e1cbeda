import type { Dispatch } from '@ai-core/core';
import type { Queue } from 'bullmq';

/** One entry of a queue as a handler sees it. */
export interface QueueEntry {
  /** Request type of a dispatch, or the name of a maintenance job. */
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ConsumeOptions {
  readonly queue: string;
  /** Entries handled at the same time. */
  readonly concurrency: number;
  /** Must not throw for a failure of the work itself; what it throws is reported and the entry is finished. */
  readonly handle: (entry: QueueEntry) => Promise<void>;
  /** Told what `handle` throws. */
  readonly onError: (error: Error) => void;
}

export interface Consumer {
  /** Takes no new entry from now on; those being handled go on. */
  pause(): Promise<void>;
  /** Waits for the entries being handled, then stops. */
  close(): Promise<void>;
}

export interface Schedule {
  readonly name: string;
  /** Cron pattern with seconds, in UTC. */
  readonly pattern: string;
}

export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/**
 * The queue dispatches and nothing more: it may be emptied at any moment without losing an accepted request.
 * Two implementations of the same behaviour; conformance.ts says what that is.
 */
export interface QueueBackend {
  readonly name: 'redis' | 'postgres';
  /** Puts jobs into their queues; an entry that is already there is left alone. `front`: before everything that waits. */
  dispatch(dispatches: readonly Dispatch[], options?: { readonly front?: boolean }): Promise<void>;
  /** @returns those that are neither waiting, being handled nor delayed; one that is due (`delayMs` 0) must not be delayed any more */
  listMissing(dispatches: readonly Dispatch[]): Promise<Dispatch[]>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  /** No entry of the queue is started, by any worker of the fleet, for this long. */
  pauseFor(queue: string, ms: number): Promise<void>;
  /** Nothing of the queue may be started now: it is paused for a time, or by a person. */
  isPaused(queue: string): Promise<boolean>;
  /** Makes one schedule on the maintenance queue, or changes it. */
  schedule(schedule: Schedule): Promise<void>;
  /** Puts one maintenance job into its queue now. */
  enqueueMaintenance(name: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /** A mark that is lost when the queue is emptied; a change tells the sweeper to look at once. */
  readEpoch(): Promise<string>;
  depths(): Promise<QueueDepth[]>;
  /** For Bull Board only. */
  listQueues(): Queue[];
  /** Messages between processes: hints that may get lost, never facts. */
  readonly messages: Messages;
  close(): Promise<void>;
}

export interface Message {
  readonly topic: string;
  readonly text: string;
}

export interface Messages {
  /**
   * Listens to a topic.
   * @param onReset called each time the subscription is made again: messages may have been missed
   * @returns a function that ends the subscription
   */
  subscribe(topic: string, onMessage: (text: string) => void, onReset: () => void): Promise<() => Promise<void>>;
  publish(messages: readonly Message[]): Promise<void>;
}

/** Topic of one process that waits for jobs; the text is a job id. */
export function inboxTopic(inbox: string): string {
  return `inbox-${inbox}`;
}

/** Topic on which every process hears that memory, configuration or keys have changed. */
export const CHANGES_TOPIC = 'changes';
