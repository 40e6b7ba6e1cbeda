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

/**
 * Passes bytes on and checks them at the end, before the store is told that the object is complete.
 * @param source what it throws is kept in `failure`, to tell it from what the store throws
 */
export function hashingBody(
  source: AsyncIterable<Uint8Array>,
  sha256: string,
): { body: AsyncIterable<Uint8Array>; failure(): { error: unknown } | undefined } {
  let failure: { error: unknown } | undefined;
  async function* pass(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of source) {
        hash.update(chunk);
        yield chunk;
      }
      if (hash.digest('hex') !== sha256) throw refuse();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { body: pass(), failure: () => failure };
}
