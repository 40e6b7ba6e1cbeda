import { AiCoreError } from '@ai-core/core';
import { takeRequests, type ApiKey, type Database, type RequestAllowance } from '@ai-core/store';

export interface RequestAllowances {
  /**
   * Counts one request of a key.
   * @throws QUEUE_FULL with the time until the next minute when the key's limit is used up
   */
  take(key: ApiKey): Promise<void>;
}

/** What is left of what this gateway has taken. */
interface Purse {
  left: number;
  /** performance.now() when the minute is over. */
  ends: number;
  /** True when the whole fleet has nothing more to give this minute. */
  empty: boolean;
}

/** A gateway takes a twentieth of the limit at once: few looks at the database, and little that lies unused in another gateway. */
const PARTS = 20;

/** Rate limits of keys: exact over all gateways, since each takes its share from the ledger in advance. */
export function createRequestAllowances(database: Database): RequestAllowances {
  const purses = new Map<string, Purse>();
  const filling = new Map<string, Promise<Purse>>();

  async function fill(key: ApiKey, limit: number): Promise<Purse> {
    const allowance: RequestAllowance = await takeRequests(database, key.id, { wanted: Math.ceil(limit / PARTS), limit });
    const purse = { left: allowance.granted, ends: performance.now() + allowance.endsInMs, empty: allowance.granted === 0 };
    purses.set(key.id, purse);
    return purse;
  }

  return {
    async take(key) {
      const limit = key.requestsPerMinute;
      if (limit === null) return;
      for (;;) {
        const purse = purses.get(key.id);
        const now = performance.now();
        if (purse !== undefined && purse.ends > now) {
          if (purse.left > 0) {
            purse.left -= 1;
            return;
          }
          if (purse.empty) {
            throw new AiCoreError('QUEUE_FULL', `this API key allows ${limit} requests a minute, and they are used up`, {
              retryAfterMs: Math.ceil(purse.ends - now),
            });
          }
        }
        let pending = filling.get(key.id);
        if (pending === undefined) {
          pending = fill(key, limit).finally(() => filling.delete(key.id));
          filling.set(key.id, pending);
        }
        await pending;
      }
    },
  };
}
