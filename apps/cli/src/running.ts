import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ObjectStoreSettings } from '@ai-core/runtime';

/** Addresses of a one-machine AI Core, written down by `up` so that other commands find it. */
export interface Running {
  readonly pid: number;
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly simulated: boolean;
  readonly gatewayUrl: string;
  readonly consoleUrl: string;
  readonly simulatorUrl: string | null;
  readonly s3: ObjectStoreSettings;
}

const FILE = 'running.json';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns the AI Core that runs on this data folder, or undefined when none does */
export function findRunning(dataFolder: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(path.join(dataFolder, FILE), 'utf8')) as Running;
    return isAlive(running.pid) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the file at once and whole; readable by the owner only, since it holds credentials. */
export function writeRunning(dataFolder: string, running: Running): void {
  mkdirSync(dataFolder, { recursive: true });
  const draft = path.join(dataFolder, `.${FILE}.${running.pid}`);
  writeFileSync(draft, JSON.stringify(running), { mode: 0o600 });
  renameSync(draft, path.join(dataFolder, FILE));
}

/** Removes the file, unless another process has taken over meanwhile. */
export function removeRunning(dataFolder: string, pid: number): void {
  if (findRunning(dataFolder)?.pid === pid) rmSync(path.join(dataFolder, FILE), { force: true });
}
