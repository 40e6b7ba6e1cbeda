import { mkdirSync, readdirSync, renameSync, rmSync, openSync, writeSync, fsyncSync, closeSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A paid answer that could not be settled, as it lies on disk. */
export interface SpooledAnswer {
  /** The worker that held the job: settling needs it. */
  readonly workerId: string;
  readonly answer: Record<string, unknown>;
}

export interface Spool {
  /** Keeps an answer on disk; durable when it returns. */
  keep(spooled: SpooledAnswer): void;
  /** @returns what lies on disk, oldest first, with the name to forget it by */
  list(): { name: string; spooled: SpooledAnswer }[];
  forget(name: string): void;
}

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

  return {
    keep(spooled) {
      const name = `${Date.now()}-${String(spooled.answer['attempt_id'])}.json`;
      const draft = path.join(folder, `.${name}`);
      const handle = openSync(draft, 'w', 0o600);
      writeSync(handle, JSON.stringify(spooled));
      fsyncSync(handle);
      closeSync(handle);
      renameSync(draft, path.join(folder, name));
      syncFolder();
    },
    list() {
      return readdirSync(folder)
        .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
        .sort()
        .flatMap((name) => {
          const spooled = readSpooled(path.join(folder, name));
          return spooled === undefined ? [] : [{ name, spooled }];
        });
    },
    forget(name) {
      rmSync(path.join(folder, name), { force: true });
    },
  };
}
