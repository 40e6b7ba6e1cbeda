import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createApiKey } from '@ai-core/store';
import { Pool } from 'undici';
import { startGatewayProcess } from '../child-process.ts';
import { percentile, type Bench, type BenchServices, type Measurement } from './bench.ts';
import { steadyLoad } from './steady-load.ts';
import { startStormFleet, type StormFleet } from './storm-fleet.ts';

/** 20 calls at a time of 500 ms each: 40 jobs a second. */
const LATENCY_MS = 500;
const CONCURRENCY = 20;
const CAPACITY_PER_SECOND = (CONCURRENCY * 1_000) / LATENCY_MS;
const OVERLOAD = 5;
const OVERLOAD_MS = 60_000;
/** What is accepted before the count of what waits says stop, some seconds of the rush, comes on top. */
const MOST_WAITING = CAPACITY_PER_SECOND * 30;
const SAMPLE_EVERY_MS = 1_000;
const REFUSAL_GOAL_MS = 50;
const DRAIN_GOAL_S = 60;
const GROWTH_GOAL = 1.1;

interface Reply {
  readonly status: number;
  readonly ms: number;
  readonly retryAfterS: number;
}

const run = promisify(execFile);

/** Resident memory of processes, in MB; the same on Linux and macOS. */
async function residentMb(pids: readonly number[]): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', pids.join(',')]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => Number(line) / 1_024);
}

/** Notes the memory of processes until it is stopped. @returns how much more each held in the last third of the time than in the second */
function watchMemory(pids: readonly number[]): { stop(): { readonly growth: number[]; readonly lastMb: number[] } } {
  const samples: number[][] = [];
  const timer = setInterval(() => void residentMb(pids).then((sample) => samples.push(sample)), SAMPLE_EVERY_MS);
  const mean = (part: readonly number[][], index: number): number =>
    part.reduce((sum, sample) => sum + (sample[index] ?? 0), 0) / Math.max(1, part.length);
  return {
    stop() {
      clearInterval(timer);
      const third = Math.floor(samples.length / 3);
      const [second, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
      return {
        growth: pids.map((_, index) => mean(last, index) / mean(second, index)),
        lastMb: pids.map((_, index) => mean(last, index)),
      };
    },
  };
}

const told = (ratio: number | undefined): string => (ratio ?? Number.NaN).toFixed(2);

async function waitingJobs({ database }: StormFleet): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>('select count(*)::integer as n from ai_job where finished_at is null');
  return rows[0]?.n ?? 0;
}

async function measure(services: BenchServices): Promise<Measurement[]> {
  const fleet = await startStormFleet(services, LATENCY_MS);
  const worker = await fleet.openWorker({ roles: 'text-openai,text-claude,maintenance', concurrency: CONCURRENCY });
  const gateway = await startGatewayProcess({ ...fleet.connections, backlog: { perCaller: MOST_WAITING } });
  const limits = { role: 'app', scopes: null, requestsPerMinute: null, actor: 'bench' } as const;
  const { key } = await createApiKey(fleet.database, { name: 'rush', ...limits });
  const pool = new Pool((await gateway.status()).url, { connections: 100 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const replies: Reply[] = [];

  async function ask(index: number): Promise<void> {
    const body = JSON.stringify({ request_type: 'quiz', prompt: `request ${index}`, wait_s: 0 });
    const since = performance.now();
    const answer = await pool.request({ method: 'POST', path: '/v1/text', headers, body });
    await answer.body.dump();
    replies.push({ status: answer.statusCode, ms: performance.now() - since, retryAfterS: Number(answer.headers['retry-after'] ?? 0) });
  }

  await steadyLoad({ perSecond: CAPACITY_PER_SECOND / 2, durationMs: 5_000, ask: (index) => ask(-1 - index) });
  replies.length = 0;
  const memory = watchMemory([gateway.process.pid ?? 0, worker.process.pid ?? 0]);
  await steadyLoad({ perSecond: OVERLOAD * CAPACITY_PER_SECOND, durationMs: OVERLOAD_MS, ask });
  const { growth, lastMb } = memory.stop();
  const over = performance.now();
  const left = await waitingJobs(fleet);
  while ((await waitingJobs(fleet)) > 0) await new Promise((resolve) => setTimeout(resolve, 250));
  const drainS = (performance.now() - over) / 1_000;
  await pool.close();
  await gateway.stop();
  await fleet.stop();

  const accepted = replies.filter(({ status }) => status === 202 || status === 200);
  const refused = replies.filter(({ status, retryAfterS }) => status === 429 && retryAfterS > 0);
  const others = replies.length - accepted.length - refused.length;
  const p99 = percentile(
    refused.map(({ ms }) => ms),
    0.99,
  );
  const most = Math.max(...growth);
  return [
    {
      bench: 'overload refused with Retry-After, p99',
      ours: p99,
      yardstick: REFUSAL_GOAL_MS,
      ratio: p99 / REFUSAL_GOAL_MS,
      unit: `ms; of ${replies.length} requests ${accepted.length} accepted, ${refused.length} refused with 429 and Retry-After, ${others} others`,
      goal: `<= ${REFUSAL_GOAL_MS} ms, no others`,
      met: p99 <= REFUSAL_GOAL_MS && others === 0 && refused.length > 0,
    },
    {
      bench: 'overload memory',
      ours: most,
      yardstick: 1,
      ratio: most,
      unit: `last third of the minute to the second third, the worse of gateway (${told(growth[0])}, ${Math.round(lastMb[0] ?? 0)} MB) and worker (${told(growth[1])}, ${Math.round(lastMb[1] ?? 0)} MB)`,
      goal: `<= ${GROWTH_GOAL}`,
      met: most <= GROWTH_GOAL,
    },
    {
      bench: 'overload backlog gone',
      ours: drainS,
      yardstick: DRAIN_GOAL_S,
      ratio: drainS / DRAIN_GOAL_S,
      unit: `s after the rush, ${left} jobs`,
      goal: `<= ${DRAIN_GOAL_S} s`,
      met: drainS <= DRAIN_GOAL_S,
    },
  ];
}

export const overload: Bench = {
  about: `${OVERLOAD} times what the workers can do for ${OVERLOAD_MS / 1_000} s over HTTP: how soon the excess is refused, memory, and when the backlog is gone`,
  run: measure,
};
