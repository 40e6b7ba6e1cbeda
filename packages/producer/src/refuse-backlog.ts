import { AiCoreError } from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';

/** Jobs that may wait in one queue. */
export interface BacklogLimits {
  readonly perCaller: number;
  readonly perQueue: number;
}

export interface Newcomer {
  /** The queue of the first candidate. */
  readonly queue: string;
  readonly caller: string;
}

const RETRY_AFTER_MS = 10_000;

/**
 * Turns new work away when too much of it waits, by the count of a second or two ago: refusing costs nothing, whatever the load.
 * @throws QUEUE_FULL with the time after which it is worth to ask again
 */
export function refuseBacklog(backlog: CatalogueSnapshot['backlog'], limits: BacklogLimits, { queue, caller }: Newcomer): void {
  let own = 0;
  let all = 0;
  for (const entry of backlog) {
    if (entry.queue !== queue) continue;
    all += entry.waiting;
    if (entry.caller === caller) own += entry.waiting;
  }
  const details = { retryAfterMs: RETRY_AFTER_MS };
  if (own >= limits.perCaller) {
    throw new AiCoreError('QUEUE_FULL', `${own} jobs of this caller wait in ${queue}, and ${limits.perCaller} may`, details);
  }
  if (all >= limits.perQueue) throw new AiCoreError('QUEUE_FULL', `${all} jobs wait in ${queue}, and ${limits.perQueue} may`, details);
}
