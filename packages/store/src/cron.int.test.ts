import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { claimCron, finishCron, type CronRun } from './cron.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => test.drop());

async function makeWorker(): Promise<string> {
  const id = randomUUID();
  await test.database.pool.query(
    `insert into ai_worker (id, roles, host, pid, lock_key, lease_until) values ($1, '{maintenance}', 'h', 1, 1, now() + interval '1 hour')`,
    [id],
  );
  return id;
}

async function lastRunWas(name: string, daysAgo: number): Promise<void> {
  await test.database.pool.query(
    `insert into ai_cron_run (name, logical_date, state) values ($1, date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - make_interval(days => $2), 'done')`,
    [name, daysAgo],
  );
}

async function daysFrom(offsets: readonly number[]): Promise<string[]> {
  const { rows } = await test.database.pool.query<{ day: string }>(
    `select to_char((now() at time zone 'UTC')::date - d, 'YYYY-MM-DD') as day from unnest($1::integer[]) with ordinality as x (d, n) order by n`,
    [offsets],
  );
  return rows.map((row) => row.day);
}

/** Runs whatever is due until nothing is, as a scheduler does. */
async function schedule(name: string, workerId: string, ran: CronRun[]): Promise<void> {
  for (;;) {
    const run = await claimCron(test.database, { name, dueAfterMinutes: 0, workerId });
    if (run === null) return;
    ran.push(run);
    await finishCron(test.database, run, null);
  }
}

it('runs a new job for the latest due day only', async () => {
  const ran: CronRun[] = [];
  await schedule('new', await makeWorker(), ran);
  expect(ran.map((run) => run.day)).toEqual(await daysFrom([0]));
});

it('makes up for an outage of three days: each missed day once and in order', async () => {
  await lastRunWas('outage', 4);
  const ran: CronRun[] = [];
  await schedule('outage', await makeWorker(), ran);
  expect(ran.map((run) => run.day)).toEqual(await daysFrom([3, 2, 1, 0]));
});

it('runs each day once although five schedulers look at the same time', async () => {
  await lastRunWas('crowd', 6);
  const workers = await Promise.all(Array.from({ length: 5 }, makeWorker));
  const ran: CronRun[] = [];
  // A scheduler that finds another one at work leaves; the next tick looks again.
  for (let tick = 0; tick < 8; tick++) await Promise.all(workers.map((worker) => schedule('crowd', worker, ran)));
  expect(ran.map((run) => run.day)).toEqual(await daysFrom([5, 4, 3, 2, 1, 0]));
});

it('gives the run of a dead worker to another, whose word alone counts then', async () => {
  const [dead, living] = [await makeWorker(), await makeWorker()];
  const lost = await claimCron(test.database, { name: 'dead', dueAfterMinutes: 0, workerId: dead });
  expect(await claimCron(test.database, { name: 'dead', dueAfterMinutes: 0, workerId: living })).toBeNull();
  await test.database.pool.query('update ai_worker set dead_at = now() where id = $1', [dead]);
  const again = await claimCron(test.database, { name: 'dead', dueAfterMinutes: 0, workerId: living });
  expect(again?.day).toBe(lost?.day);
  expect(lost === null ? true : await finishCron(test.database, lost, null)).toBe(false);
  expect(again === null ? false : await finishCron(test.database, again, null)).toBe(true);
});

it('tries a failed day again before any later one', async () => {
  await lastRunWas('failing', 2);
  const workerId = await makeWorker();
  const first = await claimCron(test.database, { name: 'failing', dueAfterMinutes: 0, workerId });
  if (first !== null) await finishCron(test.database, first, 'INTERNAL: broken on purpose');
  const ran: CronRun[] = [];
  await schedule('failing', workerId, ran);
  expect(ran.map((run) => run.day)).toEqual(await daysFrom([1, 0]));
});

it('is not due before its hour', async () => {
  await lastRunWas('hour', 1);
  const { rows } = await test.database.pool.query<{ minutes: number }>(
    `select (extract(epoch from now() - date_trunc('day', now() at time zone 'UTC') at time zone 'UTC') / 60)::integer + 5 as minutes`,
  );
  expect(await claimCron(test.database, { name: 'hour', dueAfterMinutes: rows[0]?.minutes ?? 0, workerId: await makeWorker() })).toBeNull();
});
