import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import { createAiCore } from '@ai-core/producer';
import { Redis } from 'ioredis';
import { median, rate, type Bench } from './bench.ts';
import { startChild } from '../child-process.ts';
import { startStubWorker } from './stub-worker.ts';

/** Jobs in flight at the producer, concurrency of the worker, and the share of bare BullMQ that is wanted. */
const SHAPES = [
  { inFlight: 50, concurrency: 50, goal: 0.2 },
  { inFlight: 200, concurrency: 100, goal: 0.33 },
] as const;
const PROMPT = 'A prompt of six hundred bytes. '.repeat(20);

interface Load {
  readonly count: number;
  readonly inFlight: number;
  readonly concurrency: number;
}

async function bareRate(redisUrl: string, { count, inFlight, concurrency }: Load): Promise<number> {
  const prefix = `{bare-${randomUUID()}}`;
  const child = await startChild('./bench/bare-worker.ts', [redisUrl, prefix, String(concurrency)]);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection, prefix });
  const start = performance.now();
  await rate(count, inFlight, () => queue.add('job', {}, { removeOnComplete: true }));
  for (;;) {
    const { waiting = 0, active = 0 } = await queue.getJobCounts('waiting', 'active');
    if (waiting + active === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const perSecond = (count / (performance.now() - start)) * 1_000;
  await queue.close();
  connection.disconnect();
  await child.stop();
  return perSecond;
}

async function ourRate(options: {
  databaseUrl: string;
  redisUrl: string | undefined;
  count: number;
  inFlight: number;
  concurrency: number;
}): Promise<number> {
  const redisPrefix = `{bench-${randomUUID()}}`;
  const child = await startStubWorker({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix,
    concurrency: options.concurrency,
  });
  const aiCore = await createAiCore({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix,
    simulated: true,
    caller: 'bench',
    dispatchWindow: 1_000,
  });
  const run = randomUUID();
  const ask = (index: number) => aiCore.generateText({ requestType: 'bench', prompt: `${run} ${index} ${PROMPT}`, timeoutMs: 60_000 });
  await rate(200, options.inFlight, (index) => ask(-1 - index));
  const perSecond = await rate(options.count, options.inFlight, ask);
  await aiCore.close();
  await child.stop();
  return perSecond;
}

export const uniqueJobsRedis: Bench = {
  about: 'unique jobs per second from enqueue to answer on Redis, against bare BullMQ add + process; stub provider in the worker',
  async run({ databaseUrl, redisUrl, quick }) {
    const measurements = [];
    for (const { inFlight, concurrency, goal } of SHAPES) {
      const rounds = quick ? 1 : 3;
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < rounds; round++) {
        bare.push(await bareRate(redisUrl, { count: quick ? 5_000 : 20_000, inFlight, concurrency }));
        ours.push(await ourRate({ databaseUrl, redisUrl, count: quick ? 2_000 : 5_000, inFlight, concurrency }));
      }
      const ratio = median(ours) / median(bare);
      measurements.push({
        bench: `unique-jobs-redis ${inFlight}/${concurrency}`,
        ours: Math.round(median(ours)),
        yardstick: Math.round(median(bare)),
        ratio,
        unit: 'jobs/s',
        goal: `>= ${goal} of bare BullMQ`,
        met: ratio >= goal,
      });
    }
    return measurements;
  },
};
