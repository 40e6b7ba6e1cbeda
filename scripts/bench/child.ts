import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  stop(): Promise<void>;
}

/** Starts a script of this folder in a process of its own and waits until it says it is ready. */
export async function startChild(script: string, args: readonly string[]): Promise<Child> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
  return {
    async stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await gone;
    },
  };
}
