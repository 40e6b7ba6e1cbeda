import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const WORKERS = 3;
const NEIGHBOURS = 20;

describe('a poisonous prompt', () => {
  let fleet: Fleet;
  let running = true;
  const keepers: Promise<void>[] = [];
  const children = new Set<Child>();
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-poison-'));

  /** Starts a worker again whenever it dies, as an orchestrator does. */
  async function keepWorker(): Promise<void> {
    while (running) {
      const child = await startWorkerProcess({
        databaseUrl: fleet.databaseUrl,
        redisUrl: fleet.redisUrl,
        redisPrefix: fleet.redisPrefix,
        roles: 'text-openai',
        access: { openai: { apiKey: 'none', baseUrl: null } },
        spoolFolder: folder,
        providersModule: import.meta.resolve('./poison-provider.ts'),
        concurrency: 10,
      });
      children.add(child);
      // The test may have ended while this one was starting.
      if (!running) child.process.kill('SIGKILL');
      await child.ended;
      children.delete(child);
    }
  }

  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance' });
    for (let index = 0; index < WORKERS; index++) keepers.push(keepWorker());
    // The first choice of a model needs a worker that has said what it serves.
    while (
      (
        await fleet.database.query<{ n: bigint }>({
          name: 'served',
          text: `select count(*) as n from ai_worker where 'text-openai' = any (roles)`,
        })
      )[0]?.n === 0n
    ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  afterAll(async () => {
    running = false;
    for (const child of children) child.process.kill('SIGKILL');
    await Promise.all(keepers);
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is quarantined after its third death, and twenty neighbours on the same workers all succeed', async () => {
    const poison = fleet.aiCore.generateText({ requestType: 'quiz', prompt: 'This one kills its worker', timeoutMs: 100_000 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const neighbours = await Promise.all(
      Array.from({ length: NEIGHBOURS }, (_, index) =>
        fleet.aiCore.generateText({ requestType: 'quiz', prompt: `neighbour ${index}`, timeoutMs: 100_000 }),
      ),
    );
    expect(neighbours.every((answer) => answer.text.startsWith('answer to'))).toBe(true);
    expect(await poison).toMatchObject({ code: 'JOB_POISONED' });
    const { rows } = await fleet.database.pool.query<{ crash_count: number; finished_s: number }>(
      `select j.crash_count, extract(epoch from j.finished_at - max(a.started_at))::float8 as finished_s
       from ai_job j join ai_attempt a on a.job_id = j.id where j.error_code = 'JOB_POISONED' group by j.id`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.crash_count).toBe(2);
    // From the start of the third, isolated attempt until the quarantine.
    expect(rows[0]?.finished_s).toBeLessThan(30);
    const failed = await fleet.database.pool.query(`select 1 from ai_job where state = 'failed' and error_code <> 'JOB_POISONED'`);
    expect(failed.rowCount).toBe(0);
  });
});
