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
