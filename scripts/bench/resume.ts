import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAiCore } from '@ai-core/producer';
import { startSimulator } from '@ai-core/simulator';
import { openDatabase } from '@ai-core/store';
import { simulatedAccess, type WorkerOptions } from '@ai-core/worker';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { percentile, type Bench, type Measurement } from './bench.ts';

const WORKERS = 4;
const REQUESTS_PER_SECOND = 15;
const KILL_EVERY_MS = 3_000;
/** Like a usual provider, so that every kill hits calls under way. */
const LATENCY_MS = 1_000;
const GOALS = { p50: 4, p99: 8, max: 15 } as const;

/** For every attempt that a killed worker left behind: how long until the next attempt of its job began, in seconds. */
const RESUMED = `select extract(epoch from next.started_at - killed.at)::float8 as seconds
  from unnest($1::uuid[], $2::timestamptz[]) as killed (worker_id, at)
  join ai_attempt a on a.worker_id = killed.worker_id and a.started_at < killed.at and (a.finished_at is null or a.finished_at > killed.at)
  join lateral (select n.started_at from ai_attempt n where n.job_id = a.job_id and n.started_at > killed.at order by n.started_at limit 1) next on true`;

/** Workers that are started again whenever they die. */
function keepWorkers(options: Omit<WorkerOptions, 'log'>): { living(): Child[]; stop(): Promise<void> } {
  const living = new Set<Child>();
  let running = true;
  const keepers = Array.from({ length: WORKERS }, async () => {
    while (running) {
      const child = await startWorkerProcess(options);
      living.add(child);
      if (!running) child.process.kill('SIGTERM');
      await child.ended;
      living.delete(child);
    }
  });
  return {
    living: () => [...living],
    async stop() {
      running = false;
      for (const child of living) child.process.kill('SIGTERM');
      await Promise.all(keepers);
    },
  };
}

export const resumeAfterDeath: Bench = {
  about: 'from the SIGKILL of a worker until the next attempt of each of its jobs began, at a load the others can carry',
  async run({ databaseUrl, redisUrl, quick }) {
    const simulator = await startSimulator({ port: 0 });
    simulator.control().setLatency({ latency: { fixedMs: LATENCY_MS } });
    const connections = { databaseUrl, redisUrl, redisPrefix: `{bench-${randomUUID()}}` };
    const workers = keepWorkers({
      ...connections,
      roles: 'text-openai,text-claude,maintenance',
      access: simulatedAccess(simulator.baseUrls),
      spoolFolder: mkdtempSync(path.join(tmpdir(), 'bench-spool-')),
      concurrency: 10,
    });
    const database = openDatabase({ url: databaseUrl, maxConnections: 2 });
    const aiCore = await createAiCore({ ...connections, simulated: true, caller: 'bench' });
    while (workers.living().length < WORKERS) await new Promise((resolve) => setTimeout(resolve, 100));

    let loading = true;
    const answers: Promise<unknown>[] = [];
    const load = (async () => {
      for (; loading;) {
        answers.push(aiCore.generateText({ requestType: 'bench', prompt: randomUUID(), timeoutMs: 120_000 }));
        await new Promise((resolve) => setTimeout(resolve, 1_000 / REQUESTS_PER_SECOND));
      }
    })();
    const killed: { workerId: string; at: Date }[] = [];
    for (let kill = 0; kill < (quick ? 8 : 30); kill++) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
      const victim = workers.living()[kill % WORKERS];
      if (victim?.process.pid === undefined) continue;
      const [row] = await database.query<{ id: string; at: Date }>(
        { name: 'victim', text: 'select id, clock_timestamp() as at from ai_worker where pid = $1 and dead_at is null' },
        [victim.process.pid],
      );
      victim.process.kill('SIGKILL');
      if (row !== undefined) killed.push({ workerId: row.id, at: row.at });
    }
    loading = false;
    await load;
    await Promise.all(answers);
    const rows = await database.query<{ seconds: number }>({ name: 'resumed', text: RESUMED }, [
      killed.map((one) => one.workerId),
      killed.map((one) => one.at),
    ]);
    await aiCore.close();
    await workers.stop();
    await database.close();
    await simulator.close();

    const seconds = rows.map((row) => row.seconds);
    const figures = { p50: percentile(seconds, 0.5), p99: percentile(seconds, 0.99), max: Math.max(...seconds) };
    return (Object.keys(GOALS) as (keyof typeof GOALS)[]).map((name): Measurement => ({
      bench: `resume-after-death ${name}`,
      ours: figures[name],
      yardstick: killed.length,
      ratio: figures[name] / GOALS[name],
      unit: `s, ${seconds.length} jobs; kills as yardstick`,
      goal: `<= ${GOALS[name]} s`,
      met: figures[name] <= GOALS[name],
    }));
  },
};
