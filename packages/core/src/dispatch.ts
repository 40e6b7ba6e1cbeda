import type { Kind } from './provider-facts.ts';

/** What the queue carries of a job: ids and times, never a prompt or an answer. */
export interface Dispatch {
  readonly jobId: string;
  /** Grows with every dispatch; a queue entry with an older one is void. A 64-bit integer as decimal string. */
  readonly generation: string;
  readonly kind: Kind;
  readonly promptHash: string;
  readonly requestType: string;
  readonly queue: string;
  /** Smaller runs first. */
  readonly priority: number;
  /** Taken over from a dead worker, or waiting for too long: it goes before everything that waits, also when it has to be dispatched once more. */
  readonly front?: boolean | undefined;
  /** From now, in milliseconds. */
  readonly delayMs: number;
}
