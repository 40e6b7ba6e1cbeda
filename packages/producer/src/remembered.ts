import type { MemoryHit } from '@ai-core/store';
import { LRUCache } from 'lru-cache';

/** Longest life of an entry: within it a rejection or a deletion may not be seen by a process that missed the message. */
const MAX_AGE_MS = 5_000;

export interface RememberedKey {
  readonly promptHash: string;
  readonly scope: string;
  readonly simulated: boolean;
}

/** Answers this process has just read from memory, so that a rush for one lesson costs one look. */
export interface Remembered {
  /** @returns the answer with the time it is now by the database's clock */
  get(key: RememberedKey): MemoryHit | undefined;
  set(key: RememberedKey, hit: MemoryHit): void;
  delete(key: RememberedKey): void;
  clear(): void;
}

/** @param maxBytes size of all texts kept, in UTF-16 code units times two */
export function createRemembered(maxBytes = 32 * 1024 * 1024): Remembered {
  const cache = new LRUCache<string, { readonly hit: MemoryHit; readonly readAt: number }>({
    maxSize: maxBytes,
    ttl: MAX_AGE_MS,
    sizeCalculation: ({ hit }) => 512 + 2 * (hit.memory.text?.length ?? 0),
  });
  const toKey = (key: RememberedKey): string => `${key.simulated ? 's' : 'r'}:${key.promptHash}:${key.scope}`;
  return {
    get(key) {
      const entry = cache.get(toKey(key));
      if (entry === undefined) return undefined;
      // The accounts go by the database's clock, this process's own may be wrong by days.
      return { memory: entry.hit.memory, at: new Date(entry.hit.at.getTime() + (performance.now() - entry.readAt)) };
    },
    set: (key, hit) => void cache.set(toKey(key), { hit, readAt: performance.now() }),
    delete: (key) => void cache.delete(toKey(key)),
    clear: () => cache.clear(),
  };
}
