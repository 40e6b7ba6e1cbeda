import { compareKeys } from './key-order.ts';
import type { StoredObject } from './stored-object.ts';

/** What a bucket holds, in memory; the JSON files on disk say the same. */
export interface BucketIndex {
  readonly size: number;
  get(key: string): StoredObject | undefined;
  set(object: StoredObject): void;
  delete(key: string): void;
  /** All objects in the order of their keys. */
  sorted(): readonly StoredObject[];
}

/** An index that sorts only when a list is asked for after keys came or went. */
export function createBucketIndex(): BucketIndex {
  const objects = new Map<string, StoredObject>();
  let sortedKeys: readonly string[] | undefined;
  return {
    get size() {
      return objects.size;
    },
    get: (key) => objects.get(key),
    set(object) {
      if (!objects.has(object.key)) sortedKeys = undefined;
      objects.set(object.key, object);
    },
    delete(key) {
      if (objects.delete(key)) sortedKeys = undefined;
    },
    sorted() {
      sortedKeys ??= [...objects.keys()].toSorted(compareKeys);
      return sortedKeys.flatMap((key) => objects.get(key) ?? []);
    },
  };
}
