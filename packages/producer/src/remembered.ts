import type { Memory } from '@ai-core/store';
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
  get(key: RememberedKey): Memory | undefined;
  set(key: RememberedKey, memory: Memory): void;
  clear(): void;
}

/** @param maxBytes size of all texts kept, in UTF-16 code units times two */
export function createRemembered(maxBytes = 32 * 1024 * 1024): Remembered {
  const cache = new LRUCache<string, Memory>({
    maxSize: maxBytes,
    ttl: MAX_AGE_MS,
    sizeCalculation: (memory) => 512 + 2 * (memory.text?.length ?? 0),
  });
  const toKey = (key: RememberedKey): string => `${key.simulated ? 's' : 'r'}:${key.promptHash}:${key.scope}`;
  return {
    get: (key) => cache.get(toKey(key)),
    set: (key, memory) => void cache.set(toKey(key), memory),
    clear: () => cache.clear(),
  };
}
