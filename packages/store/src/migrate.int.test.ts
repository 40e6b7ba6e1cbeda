import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { migrate } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => test.drop());

async function listFunctions(): Promise<string[]> {
  const { rows } = await test.database.pool.query<{ signature: string }>(
    `select p.oid::regprocedure::text as signature from pg_proc p where p.proname like 'ai\\_%' order by 1`,
  );
  return rows.map((row) => row.signature);
}

it('applies nothing twice, however many processes migrate at once', async () => {
  const results = await Promise.all(Array.from({ length: 3 }, () => migrate({ databaseUrl: test.url })));
  expect(results.flatMap((result) => result.applied)).toEqual([]);
});

it('replaces functions whose parameters or result have changed since, and leaves no old one beside', async () => {
  const wanted = await listFunctions();
  await test.database.pool.query(`
    drop function ai_admit(jsonb, boolean);
    create function ai_admit(p_requests jsonb, p_wait boolean) returns integer language sql as 'select 1';
    create function ai_account_callers(p_job uuid, p_limit integer) returns integer language sql as 'select 1';
    update ai_function_version set sha256 = 'of an earlier release';`);
  await migrate({ databaseUrl: test.url });
  expect(await listFunctions()).toEqual(wanted);
  const { rows } = await test.database.pool.query<{ result: string }>(
    `select pg_get_function_result(p.oid) as result from pg_proc p where p.proname = 'ai_admit'`,
  );
  expect(rows[0]?.result).toContain('out_outcome');
});

it('has partitions for this month, the one before and three to come', async () => {
  const { rows } = await test.database.pool.query<{ n: bigint }>(
    `select count(*) as n from pg_inherits where inhparent = 'ai_usage_log'::regclass`,
  );
  expect(rows[0]?.n).toBe(5n);
});
