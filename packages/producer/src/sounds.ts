import { AiCoreError } from '@ai-core/core';
import { noteAudioSeen, retireAudio, type ByteRange, type Database, type MemoryHit, type Objects, type OpenedObject } from '@ai-core/store';

/** How long a link to an MP3 is good, in seconds. */
const LINK_S = 900;
/** An object that was seen within this time is taken to be there still, in milliseconds. */
const SEEN_FOR_MS = 24 * 3_600_000;

/** The MP3s behind answers. Every method fails with STORE_UNAVAILABLE when AI Core was opened without an object store. */
export interface Sounds {
  /** @throws when there is no object store to speak into */
  require(): void;
  /** A link with which anybody may read the MP3 for 15 minutes. */
  link(file: string): Promise<string>;
  /** @returns undefined when the object is gone */
  read(file: string): Promise<Uint8Array | undefined>;
  /** @returns undefined when the object is gone */
  open(file: string, range?: ByteRange): Promise<OpenedObject | undefined>;
  /** Whether the object of a remembered answer is there; looked at when it was not seen for a day. When it is gone the answer is retired. */
  confirm(found: MemoryHit): Promise<boolean>;
  /** Takes an answer whose object is gone out of memory. */
  retire(memoryId: string): Promise<void>;
}

async function readWhole({ stream, bytes }: OpenedObject): Promise<Uint8Array> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** @param objects undefined = text only */
export function createSounds(database: Database, objects: Objects | undefined): Sounds {
  function store(): Objects {
    if (objects !== undefined) return objects;
    throw new AiCoreError(
      'STORE_UNAVAILABLE',
      'speech needs an object store and AI Core was opened without one; give createAiCore() the option s3, or set S3_ENDPOINT and its keys',
    );
  }
  return {
    require: () => void store(),
    link: (file) => store().presign(file, { expiresS: LINK_S }),
    open: (file, range) => store().get(file, range),
    async read(file) {
      const opened = await store().get(file);
      return opened && readWhole(opened);
    },
    async confirm({ memory, at }) {
      if (memory.audio === null) return true;
      if (at.getTime() - memory.audio.seenAt.getTime() < SEEN_FOR_MS) return true;
      if ((await store().head(memory.audio.file)) === undefined) {
        await retireAudio(database, memory.id);
        return false;
      }
      await noteAudioSeen(database, memory.id);
      return true;
    },
    retire: (memoryId) => retireAudio(database, memoryId),
  };
}
