import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProviderName } from '@ai-core/core';
import type { FaultRule } from '@ai-core/simulator';

export interface SimulatorProcess {
  readonly baseUrls: Readonly<Record<ProviderName, string>>;
  /** Makes calls fail for a while. */
  failFor(rule: FaultRule, lastsMs: number): Promise<void>;
  /** Resolves when every call that was begun and will be charged is on the bill. */
  whenIdle(): Promise<void>;
  stop(): Promise<void>;
}

interface Health {
  readonly underWay: number;
}

/** Log-normal: of a hundred calls one is quicker than 50 ms and one slower than 500 ms. */
const LATENCY = { p50Ms: 158, p99Ms: 500 };
const LOOK_EVERY_MS = 100;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
    async failFor(rule, lastsMs) {
      const { id } = (await control('POST', 'faults', rule)) as { id: number };
      await sleep(lastsMs);
      // A rule that has struck as often as it may is gone by then.
      await control('DELETE', `faults/${id}`).catch(() => undefined);
    },
    async whenIdle() {
      for (;;) {
        const { underWay } = (await control('GET', 'health')) as Health;
        if (underWay === 0) return;
        await sleep(LOOK_EVERY_MS);
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
