import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AiCoreError } from '@ai-core/core';
import { findRunning } from './running.ts';

export interface Claim {
  release(): void;
}

function describeOwner(dataFolder: string): string {
  const running = findRunning(dataFolder);
  return running === undefined ? 'another one is starting or stopping' : `process ${running.pid}, console ${running.consoleUrl}`;
}

/**
 * Makes a data folder this process's own: two AI Cores on one folder would share a database that ends with the first of them.
 * SQLite holds the lock, so the system takes it away from a process that dies, and a recycled process id cannot be mistaken for it.
 * @throws REQUEST_INVALID when the folder cannot be written to or another AI Core runs on it
 */
export function claimDataFolder(dataFolder: string): Claim {
  let lock: DatabaseSync;
  try {
    mkdirSync(dataFolder, { recursive: true });
    lock = new DatabaseSync(path.join(dataFolder, 'up.lock'), { timeout: 0 });
  } catch (cause) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `the data folder ${dataFolder} cannot be written to; set AI_CORE_DATA_DIR to a folder that can`,
      { cause },
    );
  }
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    throw new AiCoreError(
      'REQUEST_INVALID',
      `an AI Core already runs on the data folder ${dataFolder} (${describeOwner(dataFolder)}); use that one, stop it with Ctrl-C, ` +
        'or set AI_CORE_DATA_DIR to another folder',
      { cause },
    );
  }
  return { release: () => lock.close() };
}
