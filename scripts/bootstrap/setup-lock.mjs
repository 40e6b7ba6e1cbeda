import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { say, SetupError } from './setup-error.mjs';

const RETRY_MS = 250;
const HEARTBEAT_MS = 5_000;
/** An owner that has not been heard of for this long is gone, even where its process id means nothing (another container). */
const SILENT_MS = 60_000;
/** An owner writes its name right after making the folder; a folder without one is given this long. */
const NAMELESS_MS = 5_000;

function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function isAbandoned(folder) {
  let owner;
  try {
    owner = JSON.parse(readFileSync(path.join(folder, 'owner'), 'utf8'));
  } catch {
    return ageMs(folder) > NAMELESS_MS;
  }
  if (owner.host === hostname() && !isRunning(owner.pid)) return true;
  return ageMs(folder) > SILENT_MS;
}

/** Removes an abandoned lock. Of several that see it, one may: it looks again once it alone can act, so a new owner is never robbed. */
function removeAbandoned(folder) {
  const broom = path.join(folder, 'being-removed');
  try {
    mkdirSync(broom);
  } catch {
    if (ageMs(broom) > NAMELESS_MS) rmSync(broom, { recursive: true, force: true });
    return;
  }
  if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
  else rmdirSync(broom);
}

function tryLock(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetupError(
      `the setup must write to ${path.dirname(folder)}, and this user may not (${error.code}): run it once as the owner of that folder`,
    );
  }
  writeFileSync(path.join(folder, 'owner'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

/**
 * Does some work while no other process does: two commands may be started at once on a fresh clone.
 * @template T
 * @param {string} folder the lock; does not exist while nobody works
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileLocked(folder, work) {
  for (let attempt = 0; !tryLock(folder); attempt++) {
    if (attempt === 0) say('waiting for another setup of this folder');
    if (isAbandoned(folder)) removeAbandoned(folder);
    else await wait(RETRY_MS);
  }
  const heartbeat = setInterval(() => utimesSync(folder, new Date(), new Date()), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(folder, { recursive: true, force: true });
  }
}
