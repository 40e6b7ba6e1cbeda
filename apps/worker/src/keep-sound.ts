import { createHash } from 'node:crypto';
import { AiCoreError, FORMAT_FACTS, type SpeechFormat } from '@ai-core/core';
import { objectKey, type Objects, type StoredAudio } from '@ai-core/store';
import { patiently } from './patiently.ts';
import type { Services } from './services.ts';

/** A store that was there so long ago is asked again before anything is paid for that it would have to take. */
const ASKED_FOR_MS = 15_000;

const askedAt = new WeakMap<Objects, number>();

/**
 * The object store, which has answered a moment ago: nothing is bought that nobody could keep.
 * @throws STORE_UNAVAILABLE when it does not answer, or in a process without one, which serves no speech queue
 */
export async function reachObjects({ objects }: Services): Promise<Objects> {
  if (objects === undefined) throw new AiCoreError('STORE_UNAVAILABLE', 'this worker has no object store for speech');
  if (performance.now() - (askedAt.get(objects) ?? Number.NEGATIVE_INFINITY) > ASKED_FOR_MS) {
    await objects.ping();
    askedAt.set(objects, performance.now());
  }
  return objects;
}

export interface Sound {
  readonly audio: Uint8Array;
  readonly seconds: number;
  readonly format: SpeechFormat;
}

export interface SoundOwner {
  readonly jobId: string;
  readonly simulated: boolean;
}

/** A sound that has its place, by the hash of its content. */
export interface KeptSound {
  /** What a row has to know of it. */
  readonly stored: StoredAudio;
  /** False: the object store was away until this process had to end, and the bytes lie in the spool. */
  readonly inStore: boolean;
  /**
   * To be called when the row that names it is written: the collector may have removed an old object without a row in between, and the
   * bytes are still here.
   */
  confirm(): Promise<void>;
}

interface Confirmation {
  readonly objects: Objects;
  readonly jobId: string;
  readonly file: string;
  /** What became of the first write. */
  readonly put: { readonly created: boolean } | undefined;
  readonly write: () => Promise<unknown>;
}

/** @see KeptSound.confirm */
export async function confirmSound(services: Services, { objects, jobId, file, put, write }: Confirmation): Promise<void> {
  if (put?.created !== false) return;
  await patiently(services, { what: 'a look at an MP3', jobId }, async () => {
    if ((await objects.head(file)) === undefined) await write();
  });
}

/** Writes an MP3 into the object store under the hash of its content, before any row names it. What is there already is the same sound. */
export async function keepSound(services: Services, objects: Objects, owner: SoundOwner & Sound): Promise<KeptSound> {
  const { audio, seconds, format, simulated, jobId } = owner;
  const sha256 = createHash('sha256').update(audio).digest('hex');
  const file = objectKey({ simulated, sha256, format });
  const write = () => objects.put(file, audio, { contentType: FORMAT_FACTS[format].contentType, sha256 });
  const put = await patiently(services, { what: 'a paid MP3', jobId }, write);
  if (put === undefined) services.spool.keepSound(sha256, audio);
  return {
    stored: { file, bytes: audio.length, seconds, format, sha256 },
    inStore: put !== undefined,
    confirm: () => confirmSound(services, { objects, jobId, file, put, write }),
  };
}
