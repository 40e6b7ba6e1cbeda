import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

/** A disk of its own for Postgres, small enough to be filled. */
export interface SmallDisk {
  /** Where it is mounted; a folder on the usual disk where nothing may be mounted. */
  readonly folder: string;
  /** Why there is none on this machine; null = there is. */
  readonly obstacle: string | null;
  /** Leaves not one byte free. The networks of the lab go on meanwhile. */
  fill(): Promise<void>;
  /** Gives the space back. */
  free(): void;
  unmount(): void;
}

const BALLAST = 'ballast';
const PIECE_BYTES = 4 * 1_024 * 1_024;
/** The last bytes go in small pieces: nothing of a page of Postgres fits any more. */
const CRUMB_BYTES = 512;

function run(program: string, args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? null : (error?.message ?? stderr).trim();
}

async function writeUntilFull(file: FileHandle, piece: Buffer): Promise<void> {
  for (;;) {
    try {
      if ((await file.write(piece)).bytesWritten < piece.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Mounts a disk in memory, which only root may. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  const refusal = run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder]);
  const ballast = path.join(folder, BALLAST);
  return {
    folder,
    obstacle: refusal === null ? null : `a disk of its own cannot be mounted here: ${refusal}`,
    async fill() {
      await using file = await open(ballast, 'a');
      for (const bytes of [PIECE_BYTES, CRUMB_BYTES]) await writeUntilFull(file, Buffer.alloc(bytes, 1));
    },
    free: () => rmSync(ballast, { force: true }),
    unmount() {
      // What a killed server has left may hold it for a moment; lazily it goes with the last of them.
      if (refusal === null) run('umount', ['-l', folder]);
    },
  };
}
