import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { migrateQueue, openPostgresBackend } from './backend/postgres.ts';
import { openRedisBackend } from './backend/redis.ts';
import { describeQueueBackend, makeDispatch } from './conformance.ts';

const ignore = (): void => undefined;
const made: string[] = [];

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseUrl') });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** An empty database with the queue's tables only. */
async function makeQueueDatabase(): Promise<string> {
  const name = `queue_${randomUUID().replaceAll('-', '')}`;
  await onServer(`create database ${name}`);
  made.push(name);
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await migrateQueue(client);
  await client.end();
  return url.href;
}

afterAll(async () => {
  for (const name of made) await onServer(`drop database if exists ${name} with (force)`);
});

describeQueueBackend('redis', () => openRedisBackend({ url: inject('redisUrl'), prefix: `{test-${randomUUID()}}`, onError: ignore }));
describeQueueBackend('postgres', async () => openPostgresBackend({ url: await makeQueueDatabase(), onError: ignore }));

describe('the Redis backend', () => {
  it('changes its epoch and lists everything as missing after the queue was emptied', async () => {
    const prefix = `{test-${randomUUID()}}`;
    const backend = await openRedisBackend({ url: inject('redisUrl'), prefix, onError: ignore });
    const dispatch = makeDispatch();
    await backend.dispatch([dispatch]);
    const before = await backend.readEpoch();
    const redis = new Redis(inject('redisUrl'));
    const keys = await redis.keys(`${prefix.replace('{', '\\{')}*`);
    await redis.del(...keys);
    expect(await backend.readEpoch()).not.toBe(before);
    expect(await backend.listMissing([dispatch])).toEqual([dispatch]);
    redis.disconnect();
    await backend.close();
  });

  it('refuses a dispatch within seconds, not for ever, when Redis is away', async () => {
    const backend = await openRedisBackend({ url: 'redis://127.0.0.1:1', onError: ignore });
    const start = performance.now();
    await expect(backend.dispatch([makeDispatch()])).rejects.toThrow('Redis is away');
    expect(performance.now() - start).toBeLessThan(5_000);
    await backend.close();
  });
});
