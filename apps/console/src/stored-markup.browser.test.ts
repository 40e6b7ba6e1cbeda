import { chromium, type Browser as Chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { MARKUP_PAYLOADS } from './markup-payloads.ts';
import { COOKIE, openTestConsole, type TestConsole } from './testing.ts';
import { prepareWebApp } from './web-app.ts';

/** How each table takes the corpus ($1), the text as everything in it that is a text. */
const STORE: readonly string[] = [
  `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated,
     cost_nano_usd, verdict_by, verdict_reason)
   select gen_random_uuid(), md5(t) || md5(t), 'shared', 'text', t, t, jsonb_build_object(t, t), t, t, t, false, 1200000, t, t
   from unnest($1::text[]) t`,
  `insert into ai_training_data (memory_item, split, prompt_key, example_key, rules_version, suggested_because, subject_tags)
   select id, 'train', prompt_hash, prompt_hash, 1, prompt_text, array[prompt_text] from ai_memory`,
  `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, endpoint, user_id, caller, provider, model, cost_nano_usd,
     saved_source, latency_ms, source, success, error_code, error_message)
   select gen_random_uuid(), clock_timestamp(), 'request', false, 'text', t, t, t, t, t, t, 1500000, t, 900, 'provider', false, t, t
   from unnest($1::text[]) t`,
  `insert into ai_job (id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue,
     selection_mode, cache_mode, caller, state, generation, error_code, error_message, finished_at)
   select gen_random_uuid(), md5(t), t, false, false, 'text', t, jsonb_build_object('prompt', t), jsonb_build_array(jsonb_build_object(
     'provider', t, 'model', t, 'queue', t)), t, t, t, 'auto', 'use', t, 'failed', 1, t, t, now() from unnest($1::text[]) t`,
  `insert into ai_attempt (id, job_id, fence, worker_id, provider, model, simulated, state, error_code, error_message, started_at)
   select gen_random_uuid(), id, 1, gen_random_uuid(), provider, model, false, 'not_billed', error_code, error_message, now() from ai_job`,
  `insert into ai_daily_cost (day, provider, model, kind, request_type, endpoint, simulated, requests, successes, failures, cache_hits,
     in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
     latency_sum_ms, latency_histogram)
   select (now() at time zone 'UTC')::date, t, t, 'text', t, t, false, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, n, 0, 1, '{}'
   from unnest($1::text[]) with ordinality x (t, n)`,
  `insert into ai_daily_user_cost (day, user_id, caller, provider, simulated, requests, cache_hits, cost_nano_usd, saved_nano_usd)
   select (now() at time zone 'UTC')::date, t, t, t, false, 1, 0, n, 0 from unnest($1::text[]) with ordinality x (t, n)`,
  `insert into ai_provider_config (provider, model_name, kind, tier, is_active, successor) select t, t, 'text', 'cheap', true, t from unnest($1::text[]) t`,
  `insert into ai_price (provider, model_name, effective_from, input_nano_usd, source) select t, t, '2020-01-01', 1000000, t from unnest($1::text[]) t`,
  `insert into ai_provider_health (provider, circuit) select t, 'open' from unnest($1::text[]) t`,
  `insert into ai_audit_log (actor, action, subject, before, after)
   select t, t, t, jsonb_build_object(t, t), jsonb_build_object(t, t) from unnest($1::text[]) t`,
  `insert into ai_budget (simulated, scope, subject, period, limit_nano_usd, period_start, period_end)
   select false, 'user', t, 'day', 1000000, now(), now() + interval '1 day' from unnest($1::text[]) t`,
  `insert into ai_api_key (name, sha256, hint, role, scopes) select t, t, 'abcd', 'app', array[t] from unnest($1::text[]) t`,
  `insert into ai_console_user (name, password_hash, role) select t, 'x', 'viewer' from unnest($1::text[]) t`,
];
/** Ten payloads in one text: each table holds all of them in 20 rows, which stand on one page. */
const TEXTS = Array.from({ length: 20 }, (_, row) => MARKUP_PAYLOADS.slice(row * 10, row * 10 + 10).join('\n'));
/** Each shows all of its rows. */
const LISTS = ['providers', 'memory', 'training-data', 'usage', 'jobs', 'budgets', 'api-keys', 'changes', 'users'] as const;
/** Anything of the page that could run: written by nobody but a payload. */
const WHAT_COULD_RUN = `[...document.querySelectorAll('#root *')].filter((element) =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'MARQUEE', 'DETAILS', 'MATH'].includes(element.tagName) ||
  [...element.attributes].some(({ name, value }) => name.startsWith('on') || /^\\s*javascript:/i.test(value))).map((element) => element.outerHTML.slice(0, 200))`;

let site: TestConsole;
let url: string;
let chrome: Chromium;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase'), web: await prepareWebApp() });
  for (const statement of STORE) {
    await site.database.pool.query(statement, statement.includes('$1') ? [TEXTS] : []);
  }
  url = await site.app.listen({ host: '127.0.0.1', port: 0 });
  chrome = await chromium.launch({ executablePath: inject('browserPath'), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await chrome.close();
  await site.close();
});

async function look(page: Page, name: string, ready: string): Promise<void> {
  await page.goto(`${url}/#/${name}`);
  await page.locator(ready).first().waitFor();
  expect(await page.evaluate(WHAT_COULD_RUN), name).toEqual([]);
}

async function idOf(table: 'ai_memory' | 'ai_job' | 'ai_provider_config', text: string): Promise<string> {
  const column = table === 'ai_provider_config' ? 'model_name' : 'model';
  const { rows } = await site.database.pool.query<{ id: string }>(`select id from ${table} where ${column} = $1`, [text]);
  return rows[0]?.id ?? '';
}

it('shows 200 payloads in prompts, answers, names and errors as the texts they are, even where no policy would stop them', async () => {
  expect(new Set(MARKUP_PAYLOADS).size).toBe(200);
  const whole = MARKUP_PAYLOADS.join('\n');
  // One row of each kind has all of them, so that the pages of single things need not be opened 200 times.
  await site.database.pool.query(`update ai_memory set prompt_text = $1, generated_text = $1 where model = $2`, [whole, TEXTS[0]]);
  await site.database.pool.query(`update ai_job set error_message = $1 where model = $2`, [whole, TEXTS[0]]);

  const admin = await site.signIn('admin');
  // The policy of the pages would stop most of it: what is tried here is that there is nothing to stop.
  const context = await chrome.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  await context.addCookies([{ name: COOKIE, value: admin.cookies.get(COOKIE) ?? '', url }]);
  const page = await context.newPage();
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });

  await look(page, '', '[data-tile="Requests"]');
  for (const list of LISTS) {
    await look(page, list, '.datatable-body tr');
    expect(await page.locator('.datatable-body tr').count(), list).toBeGreaterThanOrEqual(TEXTS.length);
  }
  await look(page, `memory/${await idOf('ai_memory', TEXTS[0] ?? '')}/show`, '.show-page dl, main dl');
  await expect.poll(() => page.locator('pre').first().innerText(), { timeout: 20_000 }).toBe(whole);
  await look(page, `jobs/${await idOf('ai_job', TEXTS[0] ?? '')}/show`, '.show-page dl, main dl');
  await look(page, `providers/${await idOf('ai_provider_config', TEXTS[1] ?? '')}/show`, '[aria-label="Prices"]');
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  expect(dialogs).toEqual([]);
  await context.close();
});
