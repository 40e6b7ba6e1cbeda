import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { isAlive } from '../process-alive.ts';
import { hasCluster, type Place } from './place.ts';

/** The user of the database, who may do everything in it. */
export const USER = 'ai_core';
/** In the cluster's folder: cluster and password come and go together. */
const PASSWORD_FILE = 'ai-core.password';

/** A fixed locale for the programs' messages, and none of the caller's variables: no libpq settings, no keys of providers. */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

const INITDB_OPTIONS = [
  `--username=${USER}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--no-locale',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

const runProgram = promisify(execFile);

function draftPrefix(place: Place): string {
  return `${path.basename(place.folder)}.draft-`;
}

/** Clusters whose makers were killed. */
function removeOldDrafts(place: Place): void {
  const parent = path.dirname(place.folder);
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(draftPrefix(place)))) {
    const maker = Number(name.slice(draftPrefix(place).length).split('-')[0]);
    if (!isAlive(maker)) rmSync(path.join(parent, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function strangeFolder(place: Place): string {
  return `${place.folder} holds files that are not a PostgreSQL cluster; empty it, or choose another folder`;
}

/** Makes a whole cluster under another name, then moves it to its place: a half-made one is never taken for a database. */
async function makeCluster(place: Place, fast: boolean): Promise<void> {
  if (existsSync(place.folder) && readdirSync(place.folder).length > 0 && !hasCluster(place.folder)) throw new Error(strangeFolder(place));
  removeOldDrafts(place);
  const draft = path.join(path.dirname(place.folder), `${draftPrefix(place)}${process.pid}-${randomUUID().slice(0, 8)}`);
  const [cluster, password] = [path.join(draft, 'cluster'), path.join(draft, 'password')];
  mkdirSync(draft, { mode: 0o700 });
  try {
    writeFileSync(password, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (place.user) for (const entry of [draft, password]) chownSync(entry, place.user.uid, place.user.gid);
    const args = [`--pgdata=${cluster}`, `--pwfile=${password}`, ...INITDB_OPTIONS, ...(fast ? ['--no-sync'] : [])];
    const initdb = path.join(place.binaries, 'bin', 'initdb');
    await runProgram(initdb, args, { ...place.user, cwd: draft, env: SERVER_ENVIRONMENT }).catch((error: Error & { stderr?: string }) => {
      throw new Error(`PostgreSQL could not make a cluster for ${place.folder}: ${error.stderr ?? ''} ${error.message}`, { cause: error });
    });
    renameSync(password, path.join(cluster, PASSWORD_FILE));
    renameSync(cluster, place.folder);
  } catch (error) {
    // Another process that started in the same moment was first: its cluster is as good.
    if (hasCluster(place.folder)) return;
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    throw new Error(strangeFolder(place), { cause: error });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Makes the cluster when there is none yet.
 * @returns the password of USER
 * @throws Error when the folder holds something else, a cluster of another version, or one without its password
 */
export async function ensureCluster(place: Place, fast: boolean): Promise<string> {
  if (!hasCluster(place.folder)) await makeCluster(place, fast);
  const version = Number(readFileSync(path.join(place.folder, 'PG_VERSION'), 'utf8'));
  if (version !== place.version) {
    throw new Error(
      `the cluster in ${place.folder} is of PostgreSQL ${version}, and this is ${place.version}; dump it with the old version, or choose another folder`,
    );
  }
  const password = path.join(place.folder, PASSWORD_FILE);
  if (!existsSync(password)) {
    throw new Error(`the cluster in ${place.folder} has lost its ${PASSWORD_FILE}; put the file back, or choose another folder`);
  }
  return readFileSync(password, 'utf8').trim();
}
