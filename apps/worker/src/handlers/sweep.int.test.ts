import { randomUUID } from 'node:crypto';
import { openQueue } from '@ai-core/queue';
import { createTestDatabase } from '@ai-core/store/testing';
import { expect, inject, it } from 'vitest';
import type { Services } from '../services.ts';
import { startSweeper } from './sweep.ts';

it('finds dead workers while the queue is away', async () => {
  const test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  const queue = await openQueue({ databaseUrl: test.url, redisUrl: 'redis://127.0.0.1:1', onError: () => undefined });
  const failed = Promise.withResolvers<void>();
  const batches = { maxRequests: 10, maxBytes: 10_000, maxAgeMs: 1_000, pollMs: 1_000, doubtMs: 1_000 };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const services: Pick<Services, 'database' | 'queue' | 'log' | 'settings'> = {
    database: test.database,
    queue,
    log: { ...log, warn: ({ step }: { step?: string }) => step === 'epoch' && failed.resolve() },
    settings: { dispatchWindow: 20, unknownGraceMs: 60_000, callTimeoutMs: 60_000, batches },
  };
  const sweeper = startSweeper(services as Services);
  await failed.promise;

  const worker = randomUUID();
  await test.database.pool.query(
    `insert into ai_worker (id, roles, host, pid, lock_key, lease_until) values ($1, '{text-openai}', 'h', 1, 1, now() - interval '1 second')`,
    [worker],
  );
  const until = performance.now() + 5_000;
  let dead = false;
  while (!dead && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { rows } = await test.database.pool.query<{ dead: boolean }>('select dead_at is not null as dead from ai_worker where id = $1', [
      worker,
    ]);
    dead = rows[0]?.dead ?? false;
  }
  await sweeper.stop();
  await queue.close();
  await test.drop();
  expect(dead).toBe(true);
});
