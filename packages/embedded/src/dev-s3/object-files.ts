import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

export interface ByteRange {
  /** First byte. */
  readonly start: number;
  /** Last byte, not the one after it. */
  readonly end: number;
}

const FILE_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The bytes of objects and parts, in files that are written once under a name of their own. A file counts only once the index
 * names it: a write that breaks off leaves nothing but a file to tidy up.
 */
export class ObjectFiles {
  readonly #folder: string;
  readonly #fast: boolean;

  /** @param fast whether to go on before the disk has confirmed a write */
  constructor(dir: string, fast: boolean) {
    this.#fast = fast;
    this.#folder = path.join(dir, 'objects');
    mkdirSync(this.#folder, { recursive: true });
  }

  /**
   * Writes a new file and has the disk confirm it; removes it when the work fails.
   * @param work gets the function that appends bytes
   */
  async write<Result>(work: (append: (piece: Uint8Array) => Promise<void>) => Promise<Result>): Promise<{ file: string; result: Result }> {
    const file = randomUUID();
    const folder = path.dirname(this.#pathOf(file));
    mkdirSync(folder, { recursive: true });
    try {
      await using handle = await open(this.#pathOf(file), 'wx');
      const result = await work((piece) => handle.writeFile(piece));
      if (!this.#fast) await handle.sync();
      return { file, result };
    } catch (error) {
      await this.remove(file);
      throw error;
    }
  }

  /**
   * Makes a written file count by a change of the index, then removes the files that this made needless. When the change throws,
   * the needless file is the new one.
   * @param change must not await anything, and returns those files
   */
  async adopt(file: string, change: () => readonly (string | undefined)[]): Promise<void> {
    let needless: readonly (string | undefined)[];
    try {
      needless = change();
    } catch (error) {
      await this.remove(file);
      throw error;
    }
    await this.remove(...needless);
  }

  /** Opens a file at once, so that it can be read to its end although it is replaced and removed meanwhile. */
  read(file: string, range: ByteRange): Readable {
    return createReadStream('', { fd: openSync(this.#pathOf(file), 'r'), ...range });
  }

  async remove(...files: readonly (string | undefined)[]): Promise<void> {
    await Promise.all(files.map(async (file) => file !== undefined && (await rm(this.#pathOf(file), { force: true }))));
  }

  /** Removes what writes that broke off left behind. @param needed the files the index names */
  tidyUp(needed: ReadonlySet<string>): void {
    for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && FILE_NAME.test(entry.name) && !needed.has(entry.name)) rmSync(path.join(entry.parentPath, entry.name));
    }
  }

  /** Folders of a few thousand files each stay quick to list. */
  #pathOf(file: string): string {
    return path.join(this.#folder, file.slice(0, 2), file);
  }
}
