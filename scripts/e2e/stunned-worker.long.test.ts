import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const WORKERS = 3;
const NEIGHBOURS = 10;

describe('a prompt that blocks the process of its worker', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-stun-'));
  let fleet: Fleet;
  let children: Child[] = [];
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance' });
    children = await Promise.all(
      Array.from({ length: WORKERS }, (_, index) =>
        startWorkerProcess({
          databaseUrl: fleet.databaseUrl,
          redisUrl: fleet.redisUrl,
          redisPrefix: fleet.redisPrefix,
          roles: 'text-openai',
          access: { openai: { apiKey: 'none', baseUrl: null } },
          spoolFolder: path.join(folder, String(index)),
          providersModule: import.meta.resolve('./poison-provider.ts'),
          concurrency: 10,
        }),
      ),
    );
  });
  afterAll(async () => {
    for (const child of children) child.process.kill('SIGKILL');
    await Promise.all(children.map((child) => child.ended));
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('costs two workers their lease, is quarantined by its silence in the third, and its neighbours are all answered', async () => {
    const ask = (prompt: string) => fleet.aiCore.generateText({ requestType: 'quiz', prompt, timeoutMs: 240_000 });
    const poison = ask('This one stuns its worker').catch((error: unknown) => error);
    const neighbours = await Promise.all(Array.from({ length: NEIGHBOURS }, (_, index) => ask(`neighbour ${index}`)));
    expect(neighbours.every((answer) => answer.text.startsWith('answer to'))).toBe(true);
    expect(await poison).toMatchObject({ code: 'JOB_POISONED' });
    // The third worker has outlived it.
    expect((await ask('afterwards')).text).toBe('answer to afterwards');
    const failed = await fleet.database.pool.query(`select 1 from ai_job where state = 'failed' and error_code <> 'JOB_POISONED'`);
    expect(failed.rowCount).toBe(0);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  }, 300_000);
});
