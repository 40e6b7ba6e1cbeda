import { randomUUID } from 'node:crypto';
import { createAiCore } from '@ai-core/producer';
import { percentile, type Bench, type Measurement } from './bench.ts';
import { startStubWorker } from './stub-worker.ts';

const GOAL_MS = 15;

async function measure(databaseUrl: string, redisUrl: string | undefined, count: number): Promise<{ p50: number; p99: number }> {
  const redisPrefix = `{bench-${randomUUID()}}`;
  const child = await startStubWorker({ databaseUrl, redisUrl, redisPrefix, concurrency: 50 });
  const aiCore = await createAiCore({ databaseUrl, redisUrl, redisPrefix, simulated: true, caller: 'bench' });
  const run = randomUUID();
  const latencies: number[] = [];
  for (let index = 0; index < count + 50; index++) {
    const start = performance.now();
    await aiCore.generateText({ requestType: 'bench', prompt: `${run} ${index}`, timeoutMs: 30_000 });
    if (index >= 50) latencies.push(performance.now() - start);
    // Low load: the next request comes when everything is quiet again.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await aiCore.close();
  await child.stop();
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

function toMeasurement(name: string, { p50, p99 }: { p50: number; p99: number }): Measurement {
  return {
    bench: name,
    ours: p50,
    yardstick: p99,
    ratio: p50 / GOAL_MS,
    unit: 'ms: p50, p99 as yardstick',
    goal: `p50 <= ${GOAL_MS} ms`,
    met: p50 <= GOAL_MS,
  };
}

export const enqueueLatency: Bench = {
  about: 'from enqueue to answer at low load, one request at a time; stub provider in another process',
  async run({ databaseUrl, redisUrl, quick }) {
    const count = quick ? 200 : 500;
    return [
      toMeasurement('enqueue-latency redis', await measure(databaseUrl, redisUrl, count)),
      toMeasurement('enqueue-latency postgres', await measure(databaseUrl, undefined, count)),
    ];
  },
};
