import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';

async function readTemplate(sql: string): Promise<unknown[]> {
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${inject('templateDatabase')}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

describe('the services of a test run', () => {
  it('hold a database that is migrated, for the ledger and for the queue', async () => {
    const schemas = await readTemplate(
      `select table_schema from information_schema.tables where table_name in ('ai_job', 'job') order by 1`,
    );
    expect(schemas).toEqual(['bullmq', 'public']);
  });

  it('answer as Redis without ever dropping a key', async ({ skip }) => {
    skip(inject('redisUrl') === '', 'left out by AI_CORE_TEST_WITHOUT');
    const redis = new Redis(inject('redisUrl'));
    try {
      expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    } finally {
      redis.disconnect();
    }
  });

  it('refuse an object store request that is not signed', async () => {
    const { endpoint, bucket } = inject('s3');
    expect((await fetch(`${endpoint}/${bucket}/any`)).status).toBe(403);
  });
});
