import { randomUUID } from 'node:crypto';
import { startProducerProcess, type Child } from '../child-process.ts';
import type { ProducerReply } from '../producer-process.ts';
import { percentile, type Bench } from './bench.ts';
import { startStubWorker } from './stub-worker.ts';

const PRODUCERS = 3;
const PROMPTS = 100;
/** A joined caller hears at most this long after the one who paid. */
const GOAL_MS = 25;

interface Answered {
  readonly prompt: number;
  readonly source: string;
  readonly at: number;
}

function ask(producers: readonly Child[], run: string, requests: number): Promise<Answered[]> {
  return new Promise((resolve, reject) => {
    const answers: Answered[] = [];
    for (const { process: producer } of producers) {
      producer.removeAllListeners('message');
      producer.on('message', ({ id, answer, error }: ProducerReply) => {
        if (error !== undefined) reject(new Error(error.message));
        if (answer === undefined) return;
        answers.push({ prompt: id % PROMPTS, source: answer.source, at: answer.at });
        if (answers.length === requests) resolve(answers);
      });
    }
    for (let id = 0; id < requests; id++) {
      producers[id % PRODUCERS]?.process.send({ id, input: { requestType: 'bench', prompt: `${run} ${id % PROMPTS}`, timeoutMs: 60_000 } });
    }
  });
}

/** For every joined caller, how long after its payer it had its answer; negative = before. */
function delaysOf(answers: readonly Answered[]): number[] {
  const payers = new Map(answers.filter((answer) => answer.source === 'provider').map((answer) => [answer.prompt, answer.at]));
  return answers.flatMap((answer) => (answer.source === 'in_flight' ? [answer.at - (payers.get(answer.prompt) ?? answer.at)] : []));
}

export const duplicateStorm: Bench = {
  about:
    'many simultaneous requests of 100 prompts from 3 processes: how long after the caller who pays the joined ones have their answer, p99',
  async run({ databaseUrl, redisUrl, quick }) {
    const redisPrefix = `{bench-${randomUUID()}}`;
    // Slow enough that the others have joined by then.
    const worker = await startStubWorker({
      databaseUrl,
      redisUrl,
      redisPrefix,
      concurrency: 100,
      providersModule: import.meta.resolve('./slow-provider.ts'),
    });
    const producers = await Promise.all(
      Array.from({ length: PRODUCERS }, () =>
        startProducerProcess({ databaseUrl, redisUrl, redisPrefix, simulated: true, caller: 'bench' }),
      ),
    );
    const requests = quick ? 3_000 : 10_000;
    await ask(producers, randomUUID(), 300);
    const start = performance.now();
    const answers = await ask(producers, randomUUID(), requests);
    const wallMs = performance.now() - start;
    await Promise.all([...producers, worker].map((child) => child.stop()));
    const delays = delaysOf(answers);
    const p99 = percentile(delays, 0.99);
    return [
      {
        bench: `duplicate-storm ${requests} requests`,
        ours: p99,
        yardstick: wallMs,
        ratio: p99 / GOAL_MS,
        unit: `ms after the payer, p99 of ${delays.length} joined; wall ms as yardstick`,
        goal: `<= ${GOAL_MS} ms`,
        met: p99 <= GOAL_MS,
      },
    ];
  },
};
