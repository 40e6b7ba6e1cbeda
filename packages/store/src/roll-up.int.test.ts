import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkRollUp, rollUp } from './roll-up.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
let neighbour: TestDatabase;
beforeAll(async () => {
  const server = { serverUrl: inject('databaseUrl'), template: inject('templateDatabase') };
  test = await createTestDatabase(server);
  neighbour = await createTestDatabase(server);
});
afterAll(async () => {
  await test.drop();
  await neighbour.drop();
});

async function writeUsage(cost: bigint): Promise<void> {
  await test.database.pool.query(
    `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, provider, model, cost_nano_usd, source, success)
     values ($1, clock_timestamp(), 'request', false, 'text', 'quiz', 'openai', 'm', $2, 'provider', true)`,
    [randomUUID(), cost],
  );
}

async function rolledUp(): Promise<bigint> {
  await rollUp(test.database);
  const { rows } = await test.database.pool.query<{ sum: bigint }>('select sum(cost_nano_usd)::bigint as sum from ai_daily_cost');
  return rows[0]?.sum ?? 0n;
}

describe('a roll-up', () => {
  it('is fresh and exact while a writing transaction stays open, in this database or in another one of the server', async () => {
    for (const { database } of [neighbour, test]) {
      const before = await rolledUp();
      const client = await database.pool.connect();
      await client.query('begin');
      // A number of its own is what a transaction that writes holds.
      await client.query('select pg_current_xact_id()');
      await writeUsage(100n);
      expect(await rolledUp()).toBe(before + 100n);
      await writeUsage(10n);
      expect(await rolledUp()).toBe(before + 110n);
      await client.query('rollback');
      client.release();
      await writeUsage(1n);
      expect(await rolledUp()).toBe(before + 111n);
      expect((await checkRollUp(test.database)).differences).toEqual([]);
    }
  });

  it('counts what a transaction that was open for several roll-ups commits in the end', async () => {
    const before = await rolledUp();
    const client = await test.database.pool.connect();
    await client.query('begin');
    await client.query(
      `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, provider, model, cost_nano_usd, source, success)
       values ($1, clock_timestamp(), 'request', false, 'text', 'quiz', 'openai', 'm', 7, 'provider', true)`,
      [randomUUID()],
    );
    await writeUsage(100n);
    expect(await rolledUp()).toBe(before + 100n);
    expect(await rolledUp()).toBe(before + 100n);
    await client.query('commit');
    client.release();
    expect(await rolledUp()).toBe(before + 107n);
  });
});
