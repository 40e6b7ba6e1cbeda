import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { copyBinaries, findBinaries, othersCanReach, readVersion } from './binaries.ts';
import { findUnprivilegedUser, type SystemUser } from './system-user.ts';

/** Where a cluster lives, with which programs, and as whom they run. */
export interface Place {
  /** Real path of the cluster's folder; its parent exists. */
  readonly folder: string;
  readonly binaries: string;
  /** Major version of the programs. */
  readonly version: number;
  /** Undefined = the user this process runs as. */
  readonly user: SystemUser | undefined;
}

/** For clones that only root can enter: the server's own user cannot, so data and programs live here. */
const PUBLIC_HOME = '/var/lib/ai-core';
const VERSION_FILE = 'PG_VERSION';

export function hasCluster(folder: string): boolean {
  return existsSync(path.join(folder, VERSION_FILE));
}

/** Makes a folder that everybody may pass, whatever the umask says. */
function makePublicFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let part = folder; part.startsWith(PUBLIC_HOME); part = path.dirname(part)) chmodSync(part, 0o755);
}

function makeParent(folder: string): void {
  try {
    mkdirSync(path.dirname(folder), { recursive: true });
  } catch (error) {
    throw new Error(`the database needs the folder ${folder}, which cannot be made: ${String(error)}; choose a folder you may write to`, {
      cause: error,
    });
  }
}

function realPath(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : path.join(realpathSync(path.dirname(folder)), path.basename(folder));
}

function placeFor(folder: string, native: string, user: SystemUser | undefined): Place {
  try {
    return { folder: realPath(folder), binaries: native, version: readVersion(native, user), user };
  } catch (error) {
    if (user && !native.startsWith(PUBLIC_HOME)) {
      makePublicFolder(PUBLIC_HOME);
      return placeFor(folder, copyBinaries(native, PUBLIC_HOME), user);
    }
    throw new Error(
      `the embedded PostgreSQL does not run here: ${String(error)}. It needs glibc 2.27 or newer, so not Alpine; set DATABASE_URL to a PostgreSQL instead`,
      { cause: error },
    );
  }
}

function preparePlaceAsRoot(wanted: string, log: (line: string) => void): Place {
  const outside = path.join(PUBLIC_HOME, createHash('sha256').update(wanted).digest('hex').slice(0, 12), 'data');
  makeParent(wanted);
  const folder = !hasCluster(wanted) && (hasCluster(outside) || !othersCanReach(path.dirname(wanted))) ? outside : wanted;
  if (folder === outside) {
    log(`only root can enter ${wanted}; the database lives in ${outside}`);
    makePublicFolder(path.dirname(outside));
  }
  // Whose cluster it is must go on running it: its files are readable for nobody else.
  const owner = hasCluster(folder) ? statSync(path.join(folder, VERSION_FILE)) : undefined;
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : findUnprivilegedUser();
  return placeFor(folder, findBinaries(), user);
}

function preparePlaceAsUser(wanted: string): Place {
  makeParent(wanted);
  if (existsSync(wanted) && statSync(wanted).uid !== process.getuid?.()) {
    throw new Error(`the database folder ${wanted} belongs to another user; start as that user or as root, or choose another folder`);
  }
  return placeFor(wanted, findBinaries(), undefined);
}

/**
 * Decides where the cluster of a folder lives and who runs it.
 * @param dir folder the caller wants; need not exist
 * @throws Error saying what to do when PostgreSQL cannot run here
 */
export function preparePlace(dir: string, log: (line: string) => void): Place {
  if (process.platform === 'win32') throw new Error('the embedded PostgreSQL does not run on Windows; use WSL, or set DATABASE_URL');
  const wanted = path.resolve(dir);
  return process.getuid?.() === 0 ? preparePlaceAsRoot(wanted, log) : preparePlaceAsUser(wanted);
}
