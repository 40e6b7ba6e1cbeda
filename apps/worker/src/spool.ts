import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StoredAudio } from '@ai-core/store';

/** A paid answer that could not be settled, as it lies on disk. */
export interface SpooledAnswer {
  /** The worker that held the job: settling needs it. */
  readonly workerId: string;
  readonly answer: Record<string, unknown>;
  /** True for a part of a speech, which is settled by itself. */
  readonly part?: boolean | undefined;
  /** The MP3 beside it, when the object store was away. */
  readonly sound?: StoredAudio | undefined;
}

export interface Spool {
  /** Keeps an answer on disk; durable when it returns. */
  keep(spooled: SpooledAnswer): void;
  /** @returns what lies on disk, oldest first, with the name to forget it by */
  list(): { name: string; spooled: SpooledAnswer }[];
  forget(name: string): void;
  /** Keeps the bytes of an MP3 on disk, under the hash of its content. */
  keepSound(sha256: string, bytes: Uint8Array): void;
  /** @throws when there is no such MP3 */
  readSound(sha256: string): Uint8Array;
  forgetSound(sha256: string): void;
}

const SOUND_ENDING = '.mp3';
/** Nothing takes that long to be written: whoever began it was killed. */
const ABANDONED_AFTER_MS = 10 * 60_000;

/** @returns undefined for a file that is gone meanwhile, or that cannot be read: it is set aside, and the others go on */
function readSpooled(file: string): SpooledAnswer | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SpooledAnswer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') renameSync(file, `${file}.unreadable`);
    return undefined;
  }
}

/**
 * Answers that were paid while Postgres was away. They are settled as soon as it is back, by this process or the next one on this
 * disk; when the work was done again meanwhile the spooled answer is accounted for as late. Nothing paid is thrown away.
 */
export function openSpool(folder: string): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  function syncFolder(): void {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  }

  function write(name: string, content: string | Uint8Array): void {
    const draft = path.join(folder, `.${name}`);
    writeFileSync(draft, content, { mode: 0o600, flush: true });
    renameSync(draft, path.join(folder, name));
    syncFolder();
  }

  function isAbandoned(name: string): boolean {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS;
  }

  /**
   * Removes what a kill has left half done: drafts, and MP3s whose answer was never written. The crash lab found drafts that stayed for
   * ever. Their attempts are of unknown outcome and settled as such.
   */
  function removeAbandoned(names: readonly string[], kept: readonly SpooledAnswer[]): void {
    const wanted = new Set(kept.flatMap(({ sound }) => (sound === undefined ? [] : [soundFile(sound.sha256)])));
    for (const name of names) {
      const isHalf = name.startsWith('.') || (name.endsWith(SOUND_ENDING) && !wanted.has(name));
      if (isHalf && isAbandoned(name)) rmSync(path.join(folder, name), { force: true });
    }
  }

  const soundFile = (sha256: string): string => `${sha256}${SOUND_ENDING}`;

  return {
    keep(spooled) {
      write(`${Date.now()}-${String(spooled.answer['attempt_id'])}.json`, JSON.stringify(spooled));
    },
    keepSound: (sha256, bytes) => write(soundFile(sha256), bytes),
    readSound: (sha256) => readFileSync(path.join(folder, soundFile(sha256))),
    forgetSound: (sha256) => rmSync(path.join(folder, soundFile(sha256)), { force: true }),
    list() {
      const names = readdirSync(folder);
      const found = names
        .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
        .sort()
        .flatMap((name) => {
          const spooled = readSpooled(path.join(folder, name));
          return spooled === undefined ? [] : [{ name, spooled }];
        });
      removeAbandoned(
        names,
        found.map(({ spooled }) => spooled),
      );
      return found;
    },
    forget(name) {
      rmSync(path.join(folder, name), { force: true });
    },
  };
}
