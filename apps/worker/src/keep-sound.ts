import { createHash } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';
import { objectKey, type ClaimedJob, type Objects, type StoredAudio } from '@ai-core/store';
import type { Services } from './services.ts';

const CONTENT_TYPE = 'audio/mpeg';

/** @throws STORE_UNAVAILABLE in a process without an object store; it serves no speech queue */
function objectsOf({ objects }: Services): Objects {
  if (objects === undefined) throw new AiCoreError('STORE_UNAVAILABLE', 'this worker has no object store for speech');
  return objects;
}

/**
 * Writes an MP3 into the object store under the hash of its content, before any row names it. What is there already is the same sound.
 * @returns what a row has to know of it
 */
export async function keepSound(
  services: Services,
  { simulated }: Pick<ClaimedJob, 'simulated'>,
  { audio, seconds }: { readonly audio: Uint8Array; readonly seconds: number },
): Promise<StoredAudio> {
  const sha256 = createHash('sha256').update(audio).digest('hex');
  const file = objectKey({ simulated, sha256 });
  await objectsOf(services).put(file, audio, { contentType: CONTENT_TYPE, sha256 });
  return { file, bytes: audio.length, seconds, format: 'mp3', sha256 };
}
