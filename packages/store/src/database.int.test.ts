import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openDatabase, type Database } from './database.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
let database: Database;
const lost: Error[] = [];
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  database = openDatabase({ url: test.url, onError: (error) => lost.push(error) });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

it('a server that ends the connection of a transaction fails the transaction, not the process', async () => {
  const failed = database.transaction(async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const gone = new Promise((resolve) => client.once('end', resolve));
    await test.database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await gone;
    await client.query('select 1');
  });
  await expect(failed).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(lost.length).toBeGreaterThan(0);
  expect(await database.query<{ one: number }>({ name: 'one', text: 'select 1 as one' })).toEqual([{ one: 1 }]);
});

const ONE = { name: 'one', text: 'select 1 as one' };

it('a server that only reads, as after a fail-over, refuses to write by STORE_UNAVAILABLE and is written to once it may be', async () => {
  const name = new URL(test.url).pathname.slice(1);
  const write = () => database.query({ name: 'write', text: 'delete from ai_context' });
  const reconnect = () =>
    test.database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()', [
      name,
    ]);
  await test.database.pool.query(`alter database "${name}" set default_transaction_read_only = on`);
  await reconnect();
  await expect
    .poll(
      () =>
        write().then(
          () => '',
          (error: { code: string; message: string }) => `${error.code} ${error.message}`,
        ),
      { timeout: 10_000 },
    )
    .toMatch(/STORE_UNAVAILABLE.*25006/);
  await test.database.pool.query(`set default_transaction_read_only = off; alter database "${name}" reset default_transaction_read_only`);
  await reconnect();
  await expect
    .poll(
      () =>
        write().then(
          (rows) => rows.length,
          () => -1,
        ),
      { timeout: 10_000 },
    )
    .toBe(0);
});

it('a pool whose connections are all taken gives up in seconds, and serves again when one is back', async () => {
  const narrow = openDatabase({ url: test.url, maxConnections: 1 });
  const taken = await narrow.pool.connect();
  await expect(narrow.query(ONE)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  taken.release();
  expect(await narrow.query(ONE)).toEqual([{ one: 1 }]);
  await narrow.close();
});

it('of two transactions in a deadlock one goes through, the other may be repeated', async () => {
  await test.database.pool.query('create table deadlock (id integer primary key); insert into deadlock values (1), (2)');
  const lock = 'select from deadlock where id = $1 for update';
  const both = [0, 1].map(() => Promise.withResolvers<void>());
  const run = (own: number, other: number) =>
    database.transaction(async (client) => {
      await client.query(lock, [own]);
      both[own - 1]?.resolve();
      await both[other - 1]?.promise;
      await client.query(lock, [other]);
    });
  const outcomes = await Promise.allSettled([run(1, 2), run(2, 1)]);
  expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await database.query(ONE)).toEqual([{ one: 1 }]);
});
