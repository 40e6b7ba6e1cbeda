import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Place } from './place.ts';

export const USER = 'ai_core';

/** A fixed locale for the programs' messages, and none of the user's libpq variables. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

export function program(place: Place, name: 'initdb' | 'postgres'): string {
  return path.join(place.binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

function passwordFile(place: Place): string {
  return `${place.folder}.password`;
}

/** Makes the cluster when there is none yet; what a killed first start left behind is made anew. @returns the password */
export function ensureCluster(place: Place, fast: boolean): string {
  const file = passwordFile(place);
  if (!existsSync(path.join(place.folder, 'PG_VERSION')) || !existsSync(file)) {
    for (const name of readdirSync(place.folder)) rmSync(path.join(place.folder, name), { recursive: true, force: true });
    rmSync(file, { force: true });
    writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (place.user) chownSync(file, place.user.uid, place.user.gid);
    const result = spawnSync(
      program(place, 'initdb'),
      [
        '-D',
        place.folder,
        '-U',
        USER,
        '--pwfile',
        file,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--no-locale',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(fast ? ['--no-sync'] : []),
      ],
      { ...place.user, cwd: place.folder, env: serverEnvironment(), encoding: 'utf8' },
    );
    if (result.status !== 0)
      throw new Error(`initdb could not make a database cluster: ${result.error?.message ?? ''} ${result.stderr ?? ''}`);
  }
  return readFileSync(file, 'utf8').trim();
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly status: string;
}

/** @returns what the server wrote about itself, undefined when it does not run or is just starting */
export function readPidFile(place: Place): PidFile | undefined {
  try {
    const lines = readFileSync(path.join(place.folder, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

export function removePidFile(place: Place): void {
  rmSync(path.join(place.folder, 'postmaster.pid'), { force: true });
}

/** @returns true when the process of the file is a PostgreSQL server on this folder, not another program with the same number */
export function isServerOf(place: Place, pidFile: PidFile): boolean {
  try {
    process.kill(pidFile.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const command = commandOf(pidFile.pid);
  return command.includes('postgres') && command.includes(place.folder);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? '';
  }
}
