import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import type { ProviderName } from '@ai-core/core';

export interface SimulatorProcess {
  readonly url: string;
  readonly baseUrls: Readonly<Partial<Record<ProviderName, string>>>;
  stop(): Promise<void>;
}

const MAIN = fileURLToPath(import.meta.resolve('@ai-core/simulator/main'));
const START_MS = 15_000;

/**
 * Starts the provider simulator as a process of its own, which ends with this one.
 * @param more further options of its command line
 */
export async function startSimulatorProcess(dataFolder: string, more: readonly string[] = []): Promise<SimulatorProcess> {
  const child = fork(MAIN, ['--port', '0', '--bill-file', path.join(dataFolder, 'simulator-bill.jsonl'), ...more], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Ctrl-C in the terminal goes to this process, which stops the simulator last.
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<{ url: string; baseUrls: SimulatorProcess['baseUrls'] }>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the simulator did not start within ${START_MS} ms`)), START_MS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve(message as { url: string; baseUrls: SimulatorProcess['baseUrls'] });
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the simulator ended with ${code} instead of starting`));
    });
  });
  child.unref();
  child.channel?.unref();
  return {
    ...ready,
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 2_000))]);
    },
  };
}
