import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { COOKIE, openTestConsole, type Browser, type TestConsole } from '../testing.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => site.close());

async function send(browser: Browser, url: string, payload?: object): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await site.app.inject({
    method: payload === undefined ? 'GET' : 'POST',
    url,
    cookies: { [COOKIE]: browser.cookies.get(COOKIE) ?? '' },
    headers: { accept: 'application/json', 'x-csrf-token': browser.csrfToken },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

it('an admin takes a proposal and takes it back; others only look', async () => {
  const { pool } = site.database;
  await pool.query(
    `insert into ai_provider_config (provider, model_name, kind, tier, cost_per_million_tokens, quality_score, is_active) values
       ('openai', 'large', 'text', 'normal', 20, 0.9, true), ('openai', 'small', 'text', 'cheap', 1, 0.8, true)`,
  );
  await pool.query(
    `insert into ai_price (id, provider, model_name, effective_from, input_nano_usd, output_nano_usd, source) values
       (gen_random_uuid(), 'openai', 'large', '2026-01-01', 20000000000, 20000000000, 'test'),
       (gen_random_uuid(), 'openai', 'small', '2026-01-01', 1000000000, 1000000000, 'test')`,
  );
  await pool.query(
    `insert into ai_daily_cost (day, provider, model, kind, request_type, selection_mode, simulated, requests, successes, failures, cache_hits,
       in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
       latency_sum_ms, latency_histogram)
     values ((now() at time zone 'UTC')::date, 'openai', 'large', 'text', 'report', 'auto', false, 10, 10, 0, 0, 0, 10, 0, 1000, 0, 1000, 0, 40000000, 0,
       100, '{}')`,
  );
  await pool.query(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated,
       user_rating, rating_count)
     select gen_random_uuid(), 'hash ' || n, 'shared', 'text', 'report', 'a question', '{}', 'an answer', 'openai', 'small', false, 5, 1
     from generate_series(1, 50) n`,
  );
  const [viewer, admin] = [await site.signIn('viewer'), await site.signIn('admin')];
  expect(await send(viewer, '/api/tier-proposals')).toMatchObject({
    status: 200,
    body: {
      rows: [
        {
          requestType: 'report',
          tier: 'normal',
          now: { provider: 'openai', model: 'large', scores: 0 },
          monthlyCostNanoUsd: '40000000',
          proposal: { tier: 'cheap', provider: 'openai', model: 'small', monthlySavingNanoUsd: '38000000' },
        },
      ],
      choices: [],
    },
  });
  const order = { requestType: 'report' };
  expect((await send(viewer, '/api/tier-proposals/apply', order)).status).toBe(403);
  expect(await send(admin, '/api/tier-proposals/apply', order)).toMatchObject({ status: 200, body: { toTier: 'cheap', undoneAt: null } });
  expect((await send(admin, '/api/tier-proposals/apply', order)).status).toBe(400);
  expect((await send(viewer, '/api/tier-proposals/undo', order)).status).toBe(403);
  expect(await send(admin, '/api/tier-proposals/undo', order)).toMatchObject({ status: 200, body: { undoneBy: admin.userName } });
  expect((await send(admin, '/api/tier-proposals/undo', order)).status).toBe(404);
  expect((await send(viewer, '/api/tier-proposals')).body).toMatchObject({ rows: [{ proposal: { tier: 'cheap' } }], choices: [order] });
});
