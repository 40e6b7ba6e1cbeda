import { setUpProviders } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { LOOKS, openBrowserSite, type BrowserSite, type Look } from './testing/browser-site.ts';

let browsers: BrowserSite;
let modelId: string;
const PATIENCE = { timeout: 20_000 };
const READY = '[aria-label="Prices"]';

beforeAll(async () => {
  browsers = await openBrowserSite({
    serverUrl: inject('databaseUrl'),
    template: inject('templateDatabase'),
    browserPath: inject('browserPath'),
  });
  const { pool } = browsers.site.database;
  await setUpProviders({ databaseUrl: String(pool.options.connectionString), catalogue: 'current' });
  // It ends soon, so that its page warns, and was called, so that it has a forecast.
  const { rows } = await pool.query<{ id: string }>(
    `update ai_provider_config set shutdown_date = (now() at time zone 'UTC')::date + 40, lifecycle = 'deprecated',
       limits = '{"requestsPerMinute": 600, "dailySpendNanoUsd": "25000000000"}'
     where provider = 'openai' and model_name = 'gpt-6-luna' returning id`,
  );
  modelId = rows[0]?.id ?? '';
  await pool.query(
    `insert into ai_daily_cost (day, provider, model, kind, request_type, simulated, requests, successes, failures, cache_hits,
       in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
       latency_sum_ms, latency_histogram)
     select (now() at time zone 'UTC')::date - d, 'openai', 'gpt-6-luna', 'text', 'quiz', false, 10, 10, 0, 0, 0, 10, 0, 20000000, 0,
       4000000, 0, 4000000000, 0, 1, '{}' from generate_series(1, 3) d`,
  );
});
afterAll(() => browsers.close());

describe('the page of a model', () => {
  it.each(Object.keys(LOOKS) as Look[])('is drawn without complaints, barriers or anything hanging over the edge: %s', async (look) => {
    const { context, page, complaints, open, inspect } = await browsers.visit('admin', look);
    await open(`providers/${modelId}/show`, READY);
    await page.getByText('could take its place').waitFor();
    expect(await inspect('model')).toEqual([]);
    await open('selection', 'form');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('[data-told]').waitFor();
    expect(await inspect('selection-told')).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('shows everybody what it is, operators the way to try it, and admins alone what changes it', async () => {
    const seen: Record<string, string[]> = {};
    for (const role of ['viewer', 'reviewer', 'operator', 'admin'] as const) {
      const { context, page, open } = await browsers.visit(role);
      await open(`providers/${modelId}/show`, READY);
      const buttons = await page.locator('main').getByRole('button').allInnerTexts();
      seen[role] = buttons.filter((label) => ['Edit', 'Edit limits', 'Add a price', 'Send'].includes(label)).toSorted();
      await context.close();
    }
    expect(seen).toEqual({ viewer: [], reviewer: [], operator: ['Send'], admin: ['Add a price', 'Edit', 'Edit limits', 'Send'] });
  });

  it('takes a price for tomorrow, leaves the old one as it is, and shows what such a day will cost', async () => {
    const { context, page, open } = await browsers.visit('admin');
    await open(`providers/${modelId}/show`, READY);
    const forecast = page.locator('[data-forecast]');
    const before = await forecast.innerText();
    const tomorrow = new Date();
    tomorrow.setUTCHours(24, 0, 0, 0);
    await page.getByRole('button', { name: 'Add a price' }).click();
    // Browsers take this field in their own time zone; the tests' browser has that of the process.
    const local = new Date(tomorrow.getTime() - tomorrow.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    await page.getByLabel('In effect from').fill(local);
    await page.getByLabel('$ per million tokens in', { exact: true }).fill('1');
    await page.getByLabel('$ per million tokens out', { exact: true }).fill('5');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Price added').waitFor();
    // 20 million tokens in and 4 million out.
    await expect.poll(() => forecast.innerText(), PATIENCE).toContain('Such a day tomorrow\n$40.00');
    const todayLine = /today’s price\n(\$[\d.]+)/;
    expect(todayLine.exec(await forecast.innerText())?.[1]).toBe(todayLine.exec(before)?.[1]);
    expect(await page.getByRole('table', { name: 'Prices' }).innerText()).toContain('planned');
    await context.close();
  });

  it('sets limits and takes them away, and gives the place of a model that ends to its successor', async () => {
    const { context, page, open } = await browsers.visit('admin');
    const { pool } = browsers.site.database;
    await open(`providers/${modelId}/show`, READY);
    await page.getByRole('button', { name: 'Edit limits' }).click();
    await page.getByLabel('Calls at once').fill('12');
    await page.getByLabel('Requests a minute').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Limits of openai/gpt-6-luna are set').waitFor();
    const limits = await pool.query<{ limits: object }>('select limits from ai_provider_config where id = $1', [modelId]);
    expect(limits.rows[0]?.limits).toEqual({ concurrency: 12, dailySpendNanoUsd: '25000000000' });

    await page.getByRole('button', { name: /^Use .* instead$/ }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText(/is chosen instead of openai\/gpt-6-luna/).waitFor();
    const { rows } = await pool.query<{ is_active: boolean }>('select is_active from ai_provider_config where id = $1', [modelId]);
    expect(rows).toEqual([{ is_active: false }]);
    await context.close();
  });
});
