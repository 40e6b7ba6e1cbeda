import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isAlive } from '../process-alive.ts';
import type { Place } from './place.ts';

/** What is known of a server on a cluster. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; empty when it has not said yet. */
  readonly status: string;
  /** The process that started it; undefined when another program did. */
  readonly ownerPid: number | undefined;
  /** True when the process that started it has ended: it is about to stop, whatever it says of itself. */
  readonly orphaned: boolean;
}

const OWNER_PREFIX = 'cluster_name=ai_core_of_';

/** A setting by which everybody can see in the list of processes who started a server. */
export function ownerSetting(ownerPid: number): string {
  return `${OWNER_PREFIX}${ownerPid}`;
}

/** The file in which a server says who it is, by PostgreSQL's own layout (miscadmin.h, LOCK_FILE_LINE_*). */
function pidFileOf(place: Place): string {
  return path.join(place.folder, 'postmaster.pid');
}

function readPidFile(place: Place): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = readFileSync(pidFileOf(place), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

/** The words of a process's command line; on systems without /proc split at spaces. */
function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return (spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).stdout ?? '').split(' ');
  }
}

/** A process that has ended but whose parent has not noticed still has its number, and no command line any more. */
function isRunning(pid: number): boolean {
  return isAlive(pid) && commandOf(pid).some((word) => word !== '');
}

/**
 * Looks for a living server on the cluster. Of one that was killed only its file remains, which may name a process that is something
 * else today.
 */
export function findServer(place: Place): RunningServer | undefined {
  const file = readPidFile(place);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  const command = commandOf(file.pid);
  if (!(command[0] ?? '').includes('postgres') || !command.join(' ').includes(`-D ${place.folder} `)) return undefined;
  const owner = command.find((word) => word.startsWith(OWNER_PREFIX));
  const ownerPid = owner === undefined ? undefined : Number(owner.slice(OWNER_PREFIX.length));
  return { ...file, ownerPid, orphaned: ownerPid !== undefined && !isRunning(ownerPid) };
}

/**
 * Removes the file of a killed server when its process number belongs to another program now: PostgreSQL itself removes it only
 * when there is no such process.
 */
export function removeStalePidFile(place: Place): void {
  const file = readPidFile(place);
  if (file && isAlive(file.pid) && findServer(place) === undefined && readPidFile(place)?.pid === file.pid)
    rmSync(pidFileOf(place), { force: true });
}
