import { createHash } from 'node:crypto';
import { AiCoreError, FORMAT_FACTS, joinMp3Stream, planMp3Join, readWav, wavHeader, type SpeechFormat } from '@ai-core/core';
import { objectKey, retireAudio, type Objects, type RememberedPart } from '@ai-core/store';
import { confirmSound, type KeptSound, type SoundOwner } from './keep-sound.ts';
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

/** How parts become one file. */
interface Joining {
  readonly bytes: number;
  readonly seconds: number;
  /** The file, piece by piece; may be asked for again. */
  stream(): AsyncIterable<Uint8Array>;
}

type Read = () => AsyncGenerator<Uint8Array>;
type Join = (read: Read, parts: readonly RememberedPart[]) => Joining | Promise<Joining>;

function sum(parts: readonly RememberedPart[], of: 'bytes' | 'seconds'): number {
  return parts.reduce((total, { audio }) => total + audio[of], 0);
}

/** Nothing in such a file tells where it begins or ends. */
const append: Join = (read, parts) => ({ bytes: sum(parts, 'bytes'), seconds: sum(parts, 'seconds'), stream: read });

async function* samplesOf(read: Read): AsyncGenerator<Uint8Array> {
  for await (const part of read()) {
    const data = readWav(part);
    if (data === null) throw new AiCoreError('PROVIDER_BAD_ANSWER', 'a part of the speech is no WAV file');
    yield part.subarray(data.start, data.end);
  }
}

const joinWav: Join = async (read, parts) => {
  let bytes = 0;
  for await (const samples of samplesOf(read)) bytes += samples.length;
  const header = wavHeader(bytes);
  return {
    bytes: header.length + bytes,
    seconds: sum(parts, 'seconds'),
    async *stream() {
      yield header;
      yield* samplesOf(read);
    },
  };
};

const joinMp3Parts: Join = async (read) => {
  const plan = await planMp3Join(read());
  return { bytes: plan.bytes, seconds: plan.summary.seconds, stream: () => joinMp3Stream(plan, read()) };
};

/** Formats whose files can be put together; whoever speaks in parts has looked that its own is among them. */
const JOINS: Readonly<Partial<Record<SpeechFormat, Join>>> = { mp3: joinMp3Parts, wav: joinWav, pcm: append, aac: append };

/**
 * Joins parts into one file, without encoding them again, and keeps it. The parts are read three times, to measure, to hash and to write
 * them, so that memory stays flat however long the speech is.
 * @throws PROVIDER_BAD_ANSWER for parts that do not fit together, STORE_UNAVAILABLE when one is gone or this process has to end
 */
export async function joinParts(
  services: Services,
  objects: Objects,
  { parts, format, jobId, simulated }: SoundOwner & { readonly parts: readonly RememberedPart[]; readonly format: SpeechFormat },
): Promise<KeptSound> {
  const read = () => readParts(services, objects, parts);
  const joined = await (JOINS[format] ?? joinMp3Parts)(read, parts);
  const digest = createHash('sha256');
  for await (const piece of joined.stream()) digest.update(piece);
  const sha256 = digest.digest('hex');
  const file = objectKey({ simulated, sha256, format });
  const write = () => objects.put(file, joined.stream(), { contentType: FORMAT_FACTS[format].contentType, sha256 });
  const put = await patiently(services, { what: 'a joined speech', jobId }, write);
  if (put === undefined) throw new AiCoreError('STORE_UNAVAILABLE', 'this worker stops while the object store is away; the parts are kept');
  return {
    stored: { file, bytes: joined.bytes, seconds: joined.seconds, format, sha256 },
    inStore: true,
    confirm: () => confirmSound(services, { objects, jobId, file, put, write }),
  };
}
