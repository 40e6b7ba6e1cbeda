import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkInvariants } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

const WORKERS = 3;
const RESTARTS = 100;
const REQUESTS_PER_SECOND = 20;

describe(`${RESTARTS} rolling restarts under load`, () => {
  let fleet: Fleet;
  const workers: Child[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-rolling-'));

  const startOne = (): Promise<Child> =>
    startWorkerProcess({
      databaseUrl: fleet.databaseUrl,
      redisUrl: fleet.redisUrl,
      redisPrefix: fleet.redisPrefix,
      roles: TEXT_ROLES,
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: folder,
    });

  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    for (let index = 0; index < WORKERS; index++) workers.push(await startOne());
    // Only the workers that are restarted do the work.
    await fleet.worker.stop({ graceMs: 500 });
    fleet.simulator.control().setLatency({ latency: { p50Ms: 200, p99Ms: 1_500 } });
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('fail no request and lose none', async () => {
    let running = true;
    const failures: unknown[] = [];
    const open: Promise<void>[] = [];
    const load = (async () => {
      for (let request = 0; running; request++) {
        open.push(
          fleet.aiCore.generateText({ requestType: 'quiz', prompt: `request ${request}`, timeoutMs: 60_000 }).then(
            () => undefined,
            (error: unknown) => void failures.push(error),
          ),
        );
        await new Promise((resolve) => setTimeout(resolve, 1_000 / REQUESTS_PER_SECOND));
      }
    })();
    for (let restart = 0; restart < RESTARTS; restart++) {
      const place = restart % WORKERS;
      const old = workers[place];
      workers[place] = await startOne();
      await old?.stop();
    }
    running = false;
    await load;
    await Promise.all(open);
    expect(failures).toEqual([]);
    expect(open.length).toBeGreaterThan(RESTARTS);
    const { rows } = await fleet.database.pool.query<{ state: string; n: bigint }>(
      'select state, count(*) as n from ai_job group by state',
    );
    expect(rows).toEqual([{ state: 'done', n: BigInt(open.length) }]);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    process.stderr.write(
      `${RESTARTS} restarts, ${open.length} requests, ${failures.length} failed, ${fleet.simulator.bill().length} calls on the bill\n`,
    );
  });
});
