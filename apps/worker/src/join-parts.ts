import { createHash } from 'node:crypto';
import { AiCoreError, joinMp3Stream, planMp3Join } from '@ai-core/core';
import { objectKey, retireAudio, type Objects, type RememberedPart } from '@ai-core/store';
import { confirmSound, SOUND_TYPE, type KeptSound, type SoundOwner } from './keep-sound.ts';
import { patiently } from './patiently.ts';
import type { Services } from './services.ts';

/** The parts' files, one after the other: only one is in memory at a time. */
async function* readParts(services: Services, objects: Objects, parts: readonly RememberedPart[]): AsyncGenerator<Uint8Array> {
  for (const { audio, memoryId } of parts) {
    const opened = await objects.get(audio.file);
    if (opened === undefined) {
      await retireAudio(services.database, memoryId);
      throw new AiCoreError('STORE_UNAVAILABLE', 'a part of the speech has gone from the object store; it is bought anew', {
        retryAfterMs: 100,
      });
    }
    yield Buffer.concat(await Array.fromAsync(opened.stream as AsyncIterable<Uint8Array>));
  }
}

/**
 * Joins parts into one MP3, without encoding them again, and keeps it. The parts are read three times, to measure, to hash and to write
 * them, so that memory stays flat however long the speech is.
 * @throws PROVIDER_BAD_ANSWER for parts that do not fit together, STORE_UNAVAILABLE when one is gone or this process has to end
 */
export async function joinParts(
  services: Services,
  objects: Objects,
  { parts, jobId, simulated }: SoundOwner & { readonly parts: readonly RememberedPart[] },
): Promise<KeptSound> {
  const read = () => readParts(services, objects, parts);
  const plan = await planMp3Join(read());
  const digest = createHash('sha256');
  for await (const piece of joinMp3Stream(plan, read())) digest.update(piece);
  const sha256 = digest.digest('hex');
  const file = objectKey({ simulated, sha256 });
  const write = () => objects.put(file, joinMp3Stream(plan, read()), { contentType: SOUND_TYPE, sha256 });
  const put = await patiently(services, { what: 'a joined MP3', jobId }, write);
  if (put === undefined) throw new AiCoreError('STORE_UNAVAILABLE', 'this worker stops while the object store is away; the parts are kept');
  return {
    stored: { file, bytes: plan.bytes, seconds: plan.summary.seconds, format: 'mp3', sha256 },
    inStore: true,
    confirm: () => confirmSound(services, { objects, jobId, file, put, write }),
  };
}
