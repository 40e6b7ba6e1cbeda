import { createHash } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';

function refuse(): AiCoreError {
  return new AiCoreError(
    'INTERNAL',
    'the bytes of an object do not have the SHA-256 that its key and its row would promise; it was not stored',
  );
}

/** @throws AiCoreError INTERNAL when the bytes are others than was said */
export function checkBytes(bytes: Uint8Array, sha256: string): void {
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw refuse();
}

export interface HashedBody {
  readonly body: AsyncIterable<Uint8Array>;
  /** What the source has thrown, to tell it from what the store throws. */
  failure(): { readonly error: unknown } | undefined;
}

/**
 * Passes bytes on and checks them at the end, before the store is told that the object is complete.
 * @param options.onChunk called with each piece, as a sign of life
 */
export function hashBody(source: AsyncIterable<Uint8Array>, options: { sha256: string; onChunk: () => void }): HashedBody {
  let failure: { error: unknown } | undefined;
  async function* pass(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of source) {
        hash.update(chunk);
        options.onChunk();
        yield chunk;
      }
      if (hash.digest('hex') !== options.sha256) throw refuse();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { body: pass(), failure: () => failure };
}
