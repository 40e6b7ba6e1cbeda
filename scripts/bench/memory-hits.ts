import { randomUUID } from 'node:crypto';
import { createAiCore } from '@ai-core/producer';
import pg from 'pg';
import { median, rate, type Bench, type BenchServices, type Measurement } from './bench.ts';
import { startStubWorker } from './stub-worker.ts';

const KEYS = 2_000;
const IN_FLIGHT = [
  { inFlight: 1, goal: 0.8 },
  { inFlight: 32, goal: 0.6 },
] as const;
const PROMPT = 'A prompt of six hundred bytes. '.repeat(20);
const prompt = (run: string, index: number): string => `${run} ${index} ${PROMPT}`;

/** Fills memory through the whole pipeline. @returns the memory ids */
async function fillMemory({ databaseUrl, redisUrl }: BenchServices, run: string): Promise<string[]> {
  const redisPrefix = `{bench-${run}}`;
  const child = await startStubWorker({ databaseUrl, redisUrl, redisPrefix, concurrency: 100 });
  const aiCore = await createAiCore({ databaseUrl, redisUrl, redisPrefix, simulated: true, caller: 'bench', dispatchWindow: 1_000 });
  const ids: string[] = [];
  await rate(KEYS, 100, async (index) => {
    const answer = await aiCore.generateText({ requestType: 'bench', prompt: prompt(run, index), timeoutMs: 60_000 });
    ids[index] = answer.memoryId ?? '';
  });
  await aiCore.close();
  await child.stop();
  return ids;
}

interface Load {
  readonly count: number;
  readonly inFlight: number;
}

async function bareRate(databaseUrl: string, ids: readonly string[], { count, inFlight }: Load): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: Math.min(inFlight, 8) });
  const select = (index: number) =>
    pool.query({ name: 'bare', text: 'select * from ai_memory where id = $1', values: [ids[(index * 7919) % ids.length]] });
  await rate(500, inFlight, select);
  const perSecond = await rate(count, inFlight, select);
  await pool.end();
  return perSecond;
}

async function hitRate(
  services: BenchServices,
  options: { run: string; count: number; inFlight: number; sameKey: boolean },
): Promise<number> {
  const aiCore = await createAiCore({
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    simulated: true,
    caller: 'bench',
    maxConnections: 8,
  });
  // Keys are walked once per round, so that the copy in the process is never the answer unless that is what is measured.
  const index = (n: number): number => (options.sameKey ? 0 : (n * 7919) % KEYS);
  const ask = (n: number) =>
    aiCore.generateText({ requestType: 'bench', prompt: prompt(options.run, index(n)), maxAgeS: options.sameKey ? undefined : 1e9 });
  await rate(200, options.inFlight, ask);
  const perSecond = await rate(options.count, options.inFlight, ask);
  await aiCore.close();
  return perSecond;
}

async function measure(services: BenchServices, sameKey: boolean, name: string): Promise<Measurement[]> {
  const run = randomUUID();
  const ids = await fillMemory(services, run);
  const measurements: Measurement[] = [];
  for (const { inFlight, goal } of IN_FLIGHT) {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < (services.quick ? 1 : 3); round++) {
      const count = (inFlight === 1 ? 4_000 : 20_000) / (services.quick ? 2 : 1);
      bare.push(await bareRate(services.databaseUrl, ids, { count, inFlight }));
      ours.push(await hitRate(services, { run, count, inFlight, sameKey }));
    }
    const ratio = median(ours) / median(bare);
    const wanted = sameKey ? 1 : goal;
    measurements.push({
      bench: `${name} ${inFlight} in flight`,
      ours: Math.round(median(ours)),
      yardstick: Math.round(median(bare)),
      ratio,
      unit: 'hits/s',
      goal: `>= ${wanted} of a bare prepared primary-key SELECT`,
      met: ratio >= wanted,
    });
  }
  return measurements;
}

export const memoryHitProducer: Bench = {
  about: 'memory hits per second through the producer (check, hash, look-up, usage row), against a bare prepared primary-key SELECT',
  run: (services) => measure(services, false, 'memory-hit-producer'),
};

export const memoryHitProducerL1: Bench = {
  about: 'the same for a key the process has just read, which needs no look-up',
  run: (services) => measure(services, true, 'memory-hit-producer-l1'),
};
