import { openQueue } from '@ai-core/queue';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres' });
});
afterAll(() => fleet.stop());

it('the daily check retires what has ended, takes last days from the vendor’s list, and orders by the prices of the day', async () => {
  const { pool } = fleet.database;
  await pool.query(
    `insert into ai_provider_config (provider, model_name, kind, tier, shutdown_date)
     values ('openai', 'gpt-4-turbo', 'text', 'premium', current_date - 1), ('openai', 'gpt-4o', 'text', 'normal', null)`,
  );
  await pool.query(`update ai_provider_config set cost_per_million_tokens = 99 where model_name = 'gpt-6-luna'`);
  const queue = await openQueue({ databaseUrl: fleet.databaseUrl, onError: () => undefined });
  try {
    await queue.enqueueMaintenance('run-daily-jobs', {});
    await expect
      .poll(async () => (await pool.query(`select state from ai_cron_run where name = 'check-lifecycles'`)).rows, { timeout: 20_000 })
      .toEqual([{ state: 'done' }]);
  } finally {
    await queue.close();
  }
  const { rows } = await pool.query(
    `select model_name, is_active, lifecycle, to_char(shutdown_date, 'YYYY-MM-DD') as ends, cost_per_million_tokens::float8 as cost, missing_since is not null as missing
     from ai_provider_config where model_name in ('gpt-4-turbo', 'gpt-4o', 'gpt-6-luna') order by 1`,
  );
  expect(rows).toMatchObject([
    { model_name: 'gpt-4-turbo', is_active: false, lifecycle: 'retired', missing: true },
    { model_name: 'gpt-4o', is_active: true, lifecycle: 'deprecated', ends: '2027-01-14', missing: false },
    { model_name: 'gpt-6-luna', is_active: true, lifecycle: 'active', ends: null, cost: 0.2, missing: false },
  ]);
});
