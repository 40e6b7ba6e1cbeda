import { randomUUID } from 'node:crypto';
import { checkRollUp, openDatabase, rollUp } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

const WRITERS = 12;
const SECONDS = 20;

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase'), maxConnections: WRITERS + 6 });
});
afterAll(() => test.drop());

/** Writes usage rows of the last three days in transactions of uneven length, some of which are rolled back. */
async function writeRows(until: number, seed: number): Promise<number> {
  let committed = 0;
  for (let turn = 0; performance.now() < until; turn++) {
    const client = await test.database.pool.connect();
    try {
      await client.query('begin');
      const rows = 1 + ((seed + turn) % 5);
      for (let row = 0; row < rows; row++) {
        await client.query(
          `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, user_id, provider, model, cost_nano_usd, saved_nano_usd,
             latency_ms, cache_hit, source, success)
           values ($1, clock_timestamp() - make_interval(days => $2), 'request', false, 'text', $3, $4, $5, 'm', $6, $7, $8, $9, $10, true)`,
          [
            randomUUID(),
            (seed + row) % 3,
            `type-${turn % 4}`,
            `user-${seed}`,
            seed % 2 === 0 ? 'openai' : 'claude',
            turn * 7919 + row,
            row,
            turn % 3_000,
            row === 0,
            row === 0 ? 'memory' : 'provider',
          ],
        );
      }
      // Long transactions are what a watermark by id or time loses.
      if (turn % 7 === 0) await client.query('select pg_sleep(0.08)');
      const keep = turn % 20 !== 0;
      await client.query(keep ? 'commit' : 'rollback');
      if (keep) committed += rows;
    } finally {
      client.release();
    }
  }
  return committed;
}

it(`equals a recount to the nano-dollar while ${WRITERS} writers commit and roll back for ${SECONDS} s and roll-ups run`, async () => {
  const until = performance.now() + SECONDS * 1_000;
  const second = openDatabase({ url: test.url, maxConnections: 2 });
  let checks = 0;
  const rolling = (async () => {
    while (performance.now() < until) await Promise.all([rollUp(test.database), rollUp(second)]);
  })();
  const checking = (async () => {
    while (performance.now() < until) {
      expect((await checkRollUp(test.database)).differences).toEqual([]);
      checks++;
    }
  })();
  const written = await Promise.all(Array.from({ length: WRITERS }, (_, seed) => writeRows(until, seed)));
  await Promise.all([rolling, checking]);
  await second.close();

  const final = await checkRollUp(test.database);
  expect(final.differences).toEqual([]);
  expect(checks).toBeGreaterThan(5);
  const { rows } = await test.database.pool.query<{ requests: bigint; logged: bigint; cost: bigint; raw: bigint }>(
    `select (select sum(requests)::bigint from ai_daily_cost) as requests, (select count(*) from ai_usage_log) as logged,
       (select sum(cost_nano_usd)::bigint from ai_daily_cost) as cost, (select sum(cost_nano_usd)::bigint from ai_usage_log) as raw`,
  );
  expect(rows[0]?.requests).toBe(BigInt(written.reduce((sum, one) => sum + one, 0)));
  expect(rows[0]?.requests).toBe(rows[0]?.logged);
  expect(rows[0]?.cost).toBe(rows[0]?.raw);
});
