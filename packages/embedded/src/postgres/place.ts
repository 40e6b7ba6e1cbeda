import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { copyBinaries, findBinaries, othersCanReach } from './binaries.ts';

/** Where a cluster lives, with which programs, and as whom. */
export interface Place {
  readonly folder: string;
  readonly binaries: string;
  /** The user to run as; undefined = the one this process runs as. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/** For clones that only root can enter: the server's own user cannot, so data and programs live here. */
const PUBLIC_HOME = '/var/lib/ai-core';
/** PostgreSQL refuses to run as root; one of these users is on every Linux. */
const OTHER_USERS = ['postgres', 'nobody'];

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return result.status === 0 ? Number(result.stdout) : undefined;
}

function findOtherUser(): { uid: number; gid: number } {
  for (const name of OTHER_USERS) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`this is root, and there is no user ${OTHER_USERS.join(' or ')} to run PostgreSQL as; set DATABASE_URL instead`);
}

/** Decides where the cluster of a folder lives, and prepares the folder. */
export function preparePlace(wanted: string, log: (line: string) => void): Place {
  const binaries = findBinaries();
  if (process.getuid?.() !== 0) {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    return { folder: realpathSync(wanted), binaries, user: undefined };
  }
  const user = findOtherUser();
  let folder = path.resolve(wanted);
  if (!othersCanReach(path.dirname(folder))) {
    folder = path.join(PUBLIC_HOME, createHash('sha256').update(folder).digest('hex').slice(0, 12), 'data');
    log(`only root can enter ${wanted}; the database lives in ${folder}`);
  }
  mkdirSync(folder, { recursive: true });
  chownSync(folder, user.uid, user.gid);
  const reachable = othersCanReach(binaries) ? binaries : copyBinaries(binaries, PUBLIC_HOME);
  return { folder: realpathSync(folder), binaries: reachable, user };
}
