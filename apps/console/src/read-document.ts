import { text } from 'node:stream/consumers';
import type { Objects } from '@ai-core/store';

const MOST_BYTES = 262_144;

/** A small JSON document of the object store. @returns null when it is gone, larger than a page should show, or no JSON */
export async function readDocument(objects: Objects, key: string): Promise<unknown> {
  const found = await objects.get(key, { start: 0, end: MOST_BYTES - 1 }).catch(() => undefined);
  if (found === undefined) return null;
  const content = await text(found.stream);
  if (found.totalBytes > MOST_BYTES) return null;
  try {
    return JSON.parse(content) as unknown;
  } catch {
    return null;
  }
}
