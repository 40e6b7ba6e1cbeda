import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTestFolder } from '../test-services/test-folder.ts';

const MAIN = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const LOOK_EVERY_MS = 50;

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits for words on stderr. @throws Error with everything said when the command ends before */
  hasSaid(words: string): Promise<void>;
}

/** A data folder of its own and the real `ai-core` command on it, without any service or key of this machine. */
export interface AiCoreCommand {
  readonly folder: string;
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): Started;
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ended>;
  /** Runs with --json. @returns the one document on stdout and the exit code */
  runJson(args: readonly string[]): Promise<{ document: unknown; code: number | null; stderr: string }>;
  /** Ends whatever still runs and removes the folder. */
  remove(): Promise<void>;
}

export function makeAiCoreCommand(): AiCoreCommand {
  const folder = makeTestFolder();
  const alive = new Set<Started>();

  function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], AI_CORE_DATA_DIR: folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        alive.delete(started);
        resolve({ code, stdout, stderr });
      });
    });
    const started: Started = {
      process: child,
      ended,
      hasSaid: (words) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (stderr.includes(words)) resolve();
          };
          child.stderr.on('data', look);
          void ended.then((end) => reject(new Error(`ended with ${end.code} without saying "${words}":\n${end.stdout}${end.stderr}`)));
          look();
        }),
    };
    alive.add(started);
    return started;
  }

  return {
    folder,
    start,
    run: (args, environment) => start(args, environment).ended,
    async runJson(args) {
      const { code, stdout, stderr } = await start([...args, '--json']).ended;
      return { document: JSON.parse(stdout) as unknown, code, stderr };
    },
    async remove() {
      for (const started of alive) {
        started.process.kill('SIGTERM');
        await started.ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until a process is gone. @returns false when it still runs after that long */
export async function isGoneWithin(pid: number, limitMs: number): Promise<boolean> {
  for (const since = performance.now(); performance.now() - since < limitMs;) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return !isAlive(pid);
}

/** What `up` wrote down for the other verbs. */
export function readRunningFile(folder: string): { pid: number; gatewayUrl: string; consoleUrl: string; simulatorUrl: string } {
  return JSON.parse(readFileSync(path.join(folder, 'running.json'), 'utf8')) as ReturnType<typeof readRunningFile>;
}

/** Process id of the database server of a data folder. */
export function readPostgresPid(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}
