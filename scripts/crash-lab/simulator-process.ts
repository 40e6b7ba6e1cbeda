import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProviderName } from '@ai-core/core';

export interface SimulatorProcess {
  readonly baseUrls: Readonly<Record<ProviderName, string>>;
  /** Resolves when every call that was begun is on the bill. */
  whenIdle(): Promise<void>;
  stop(): Promise<void>;
}

interface Health {
  readonly calls: Readonly<Record<string, number>>;
  readonly charged: number;
}

/** Log-normal: of a hundred calls one is quicker than 50 ms and one slower than 500 ms. */
const LATENCY = { p50Ms: 158, p99Ms: 500 };
const LOOK_EVERY_MS = 100;

/** Starts the emulated providers in a process of their own, which outlives everything that is killed. */
export async function startSimulatorProcess(seed: string, billFile: string): Promise<SimulatorProcess> {
  const main = fileURLToPath(new URL('../../apps/simulator/src/main.ts', import.meta.url));
  const child = fork(main, ['--port', '0', '--seed', seed, '--bill-file', billFile, '--speech', 'tiled'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the simulator ended with ${String(code)} instead of starting`))),
  ])) as [{ url: string; baseUrls: Record<ProviderName, string> }];

  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${ready.url}/__simulator/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok) throw new Error(`the simulator refused ${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  await control('PUT', 'latency', { latency: LATENCY });
  return {
    baseUrls: ready.baseUrls,
    async whenIdle() {
      for (;;) {
        const { calls, charged } = (await control('GET', 'health')) as Health;
        // Without faults every call is charged in the end.
        if (Object.values(calls).reduce((sum, count) => sum + count, 0) === charged) return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
