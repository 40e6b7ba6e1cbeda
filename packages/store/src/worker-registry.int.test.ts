import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { sweepWorkers } from './sweep.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { registerWorker } from './worker-registry.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => test.drop());

it('a worker whose lease connection breaks has its lock back before two sweeps have missed it', async () => {
  const registry = await registerWorker({ url: test.url, roles: ['maintenance'] });
  const born = registry.workerId();
  const { rowCount } = await test.database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'ai-core worker lease'`,
  );
  expect(rowCount).toBe(1);
  const until = performance.now() + 4_000;
  while (performance.now() < until) {
    expect(await sweepWorkers(test.database)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  expect(registry.workerId()).toBe(born);
  await registry.close();
});
