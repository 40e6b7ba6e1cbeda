import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AiCoreOptions } from '@ai-core/producer';
import type { WorkerOptions } from '@ai-core/worker';

export interface Child {
  readonly process: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Asks it to end and waits. */
  stop(): Promise<void>;
}

/**
 * Starts a script of this folder in a process of its own and waits until it says it is ready.
 * @param log where its stderr goes: this process's own, or an open file
 */
export async function startChild(script: string, args: readonly string[], log: 'inherit' | number = 'inherit'): Promise<Child> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', log, 'ipc'],
    serialization: 'advanced',
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code, signal) => reject(new Error(`${script} ended with ${code ?? signal}`)));
  });
  return {
    process: child,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Starts a worker in a process of its own. */
export function startWorkerProcess(options: Omit<WorkerOptions, 'log'>, log: 'inherit' | number = 'inherit'): Promise<Child> {
  return startChild('./worker-process.ts', [JSON.stringify(options)], log);
}

/** Starts a producer in a process of its own. */
export function startProducerProcess(options: AiCoreOptions, log: 'inherit' | number = 'inherit'): Promise<Child> {
  return startChild('./producer-process.ts', [JSON.stringify(options)], log);
}
