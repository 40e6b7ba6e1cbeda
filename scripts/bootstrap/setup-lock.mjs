import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode, say, SetupError } from './setup-error.mjs';

const RETRY_MS = 250;
const HEARTBEAT_MS = 5_000;
/** An owner that has not been heard of for this long is gone, even where its process id means nothing (another container). */
const SILENT_MS = 60_000;
/** An owner writes its name right after making the folder; a folder without one is given this long. */
const NAMELESS_MS = 5_000;

/**
 * Milliseconds since a file or folder changed; 0 when there is none.
 * @param {string} file
 */
function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** @param {string} folder */
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

/**
 * Removes an abandoned lock. Of several that see it, one may: it looks again once it alone can act, so a new owner is never robbed.
 * @param {string} folder
 */
function removeAbandoned(folder) {
  const broom = `${folder}.removing`;
  try {
    mkdirSync(broom);
  } catch {
    if (ageMs(broom) > NAMELESS_MS) rmSync(broom, { recursive: true, force: true });
    return;
  }
  if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
  rmSync(broom, { recursive: true, force: true });
}

/** @param {string} folder */
function tryLock(folder) {
  try {
    mkdirSync(path.dirname(folder), { recursive: true });
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'owner'), JSON.stringify({ pid: process.pid, host: hostname() }));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new SetupError(`the setup cannot write to ${path.dirname(folder)} (${errorCode(error)}): run it as the owner of that folder`);
  }
}

/**
 * Shows that the owner lives; the lock may be gone already when the folder was cleaned away by hand.
 * @param {string} folder
 */
function touch(folder) {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
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
    await wait(RETRY_MS);
  }
  const heartbeat = setInterval(() => touch(folder), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(folder, { recursive: true, force: true });
  }
}
