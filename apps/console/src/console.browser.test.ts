import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium, type Browser as Chromium, type BrowserContext, type Page } from 'playwright-core';
import { resolvePolicy, ROLES, selectModel, UNNARROWED } from '@ai-core/core';
import { loadCatalogueSnapshot, recordChange, setUpProviders, type ConsoleRole } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { COOKIE, openTestConsole, type TestConsole } from './testing.ts';
import { prepareWebApp } from './web-app.ts';

const SCREENSHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const NASTY = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
/** Each would run or leave a mark in a page that takes stored text for markup. */
const PAYLOADS = [
  NASTY,
  `"><svg/onload=window.hacked=1>`,
  `</pre><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`,
  `<a href="javascript:window.hacked=1">here</a>`,
  `[here](javascript:window.hacked=1) ![x](x" onerror="window.hacked=1)`,
  `<math><mtext><style><img src onerror=window.hacked=1></style></mtext></math>`,
  `</script><script>window.hacked=1</script>`,
  `<details open ontoggle=window.hacked=1>x</details>`,
  '{{constructor.constructor("window.hacked=1")()}} ${window.hacked=1}',
];
/** What makes the page itself wider than the window; tables scroll inside their frames. */
const WHAT_HANGS_OVER = `document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1).map((element) => element.tagName + '.' + element.className).slice(0, 8)`;
const PLAIN = 'Explain photosynthesis to a ten-year-old.';
const PAGES = ['', 'providers', 'selection', 'memory', 'training-data', 'usage', 'jobs', 'budgets', 'api-keys', 'changes', 'users'];

let site: TestConsole;
let url: string;
let chrome: Chromium;

async function seed(): Promise<void> {
  const { pool } = site.database;
  await setUpProviders({ databaseUrl: String(pool.options.connectionString), catalogue: 'current' });
  await pool.query(
    `insert into ai_daily_cost (day, provider, model, kind, request_type, endpoint, simulated, requests, successes, failures, cache_hits,
       in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
       latency_sum_ms, latency_histogram, saved_memory_nano_usd, saved_in_flight_nano_usd, saved_cheaper_nano_usd, saved_own_nano_usd)
     select (now() at time zone 'UTC')::date - d, p, p || '-model', 'text', 'quiz', '/v1/text', false, 40 + d, 39 + d, 1, 30, 2, 8, 0, 1, 0, 1, 0,
       100000000 * (1 + d % 5), 300000000, 36000 + 900 * d, array[0, 0, 0, 0, 0, 3, 20, 10, 3, 2 + d, 2, 0, 0, 0, 0, 0, 0]::bigint[],
       200000000, 50000000, 40000000, 10000000
     from generate_series(0, 40) d, unnest(array['openai', 'gemini', 'claude']) p`,
  );
  await pool.query(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated, cost_nano_usd)
     select gen_random_uuid(), md5(n::text) || md5(n::text), 'shared', 'text', 'quiz_generation', $1 || n, '{}', $1, 'openai', 'gpt', false, 1200000 * n
     from generate_series(1, 30) n`,
    [NASTY],
  );
  await recordChange(site.database, { actor: 'somebody', action: 'budget.set', subject: 'global', after: { limit: '5.00' } });
  await pool.query(
    `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, caller, user_id, provider, model, input_tokens, output_tokens,
       cost_nano_usd, saved_nano_usd, saved_source, latency_ms, cache_hit, source, success)
     select gen_random_uuid(), clock_timestamp(), 'request', false, 'text', 'quiz_generation', 'web', 'u-' || n, 'openai', 'gpt-6-luna',
       420 * n, 90, 1500000 * hit, 2500000 * (1 - hit), case when hit = 0 then 'memory' end, 900 * hit + 4, hit = 0,
       case when hit = 0 then 'memory' else 'provider' end, true
     from generate_series(1, 12) n, lateral (select (n % 3 = 0)::integer as hit) h`,
  );
}

/** @returns ids of answers whose prompt and text are the given ones, and their model too where none is named */
async function remember(requestType: string, texts: readonly string[], model: string | null = null): Promise<string[]> {
  const { rows } = await site.database.pool.query<{ id: string }>(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated, cost_nano_usd)
     select gen_random_uuid(), md5(text) || md5(text), $2, 'text', $2, text, '{}', text, 'openai', coalesce($3, text), false, 1200000
     from unnest($1::text[]) with ordinality as given (text, place) order by place returning id`,
    [texts, requestType, model],
  );
  return rows.map(({ id }) => id);
}

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase'), web: await prepareWebApp() });
  await seed();
  url = await site.app.listen({ host: '127.0.0.1', port: 0 });
  chrome = await chromium.launch({ executablePath: inject('browserPath'), args: ['--no-sandbox'] });
});
afterAll(async () => {
  await chrome.close();
  await site.close();
});

interface Visit {
  readonly role?: ConsoleRole;
  readonly viewport?: typeof WIDE;
  readonly dark?: boolean;
}

interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained about, refused styles and scripts among it. */
  readonly complaints: string[];
}

async function visit({ role = 'admin', viewport = WIDE, dark = false }: Visit = {}): Promise<Visitor> {
  const user = await site.signIn(role);
  const context = await chrome.newContext({ viewport, colorScheme: dark ? 'dark' : 'light' });
  await context.addCookies([{ name: COOKIE, value: user.cookies.get(COOKIE) ?? '', url }]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => /refused to|violates/i.test(message.text()) && complaints.push(message.text()));
  return { context, page, complaints };
}

/** @returns the model that answers a quiz just now, by what the database says */
async function firstChoice(): Promise<string> {
  const snapshot = await loadCatalogueSnapshot(site.database);
  const { candidates } = selectModel({
    request: { kind: 'text', promptHash: 'a'.repeat(64), options: {}, selectionMode: 'auto' },
    policy: resolvePolicy([], 'quiz_generation'),
    configs: snapshot.configs,
    presence: new Set(ROLES),
    openCircuits: new Set(),
    today: snapshot.today,
    estimatedInputTokens: 100,
    narrowing: UNNARROWED,
  });
  return `${candidates[0]?.provider}/${candidates[0]?.modelName}`;
}

async function open(page: Page, name: string): Promise<void> {
  await page.goto(`${url}/#/${name}`);
  if (name === '') await page.locator('[data-tile="Requests"]').waitFor();
  else await page.locator('.datatable-body tr, [data-empty], .show-page dl, .show-page form').first().waitFor();
  if (name === '') await page.locator('[data-savings] tbody tr').first().waitFor();
  if (name === '') await page.locator('[aria-label="Health"] li').first().waitFor();
  await page.evaluate('document.fonts.ready.then(() => undefined)');
}

/** @returns what axe-core finds serious or critical */
async function findBarriers(page: Page): Promise<string[]> {
  // The page's own policy lets no script in; the inspector comes in beside it.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async () => {
    interface Found {
      readonly violations: readonly { id: string; impact: string; nodes: readonly { target: unknown; html: string }[] }[];
    }
    const axe = (globalThis as unknown as { axe: { run(): Promise<Found> } }).axe;
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map(({ html }) => html.slice(0, 160))
            .slice(0, 3)
            .join(' | ')}`,
      );
  });
}

describe('every page of the console', () => {
  it.each([
    ['light', {}],
    ['dark', { dark: true }],
    ['phone', { viewport: PHONE }],
  ] as const)('is drawn without complaints, barriers or anything hanging over the edge: %s', async (look, options) => {
    const { context, page, complaints } = await visit(options);
    const barriers: string[] = [];
    const [answer] = await remember(look, [PLAIN], 'gpt-6-luna');
    for (const name of [...PAGES, `memory/${answer}/show`]) {
      await open(page, name);
      const shown = name === '' ? 'dashboard' : name.replace(/\/.*/, '-detail');
      await page.screenshot({ path: path.join(SCREENSHOTS, `${shown}-${look}.png`) });
      barriers.push(...(await findBarriers(page)).map((barrier) => `${name}: ${barrier}`));
      expect(await page.evaluate(WHAT_HANGS_OVER), `${name} is too wide`).toEqual([]);
    }
    expect(barriers).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('the console in a browser', () => {
  it('shows on its dashboard what the ledger says', async () => {
    const { context, page } = await visit({ role: 'viewer' });
    await open(page, '');
    const { rows } = await site.database.pool.query<{ requests: string; cost: string; rate: string }>(
      `select sum(requests)::text as requests, round(sum(cost_nano_usd) / 1e9, 2)::text as cost,
         round(100.0 * sum(cache_hits + in_flight_hits) / sum(requests), 1)::text as rate
       from ai_daily_cost where day > (now() at time zone 'UTC')::date - 30 and not simulated`,
    );
    const tile = async (name: string): Promise<string> => (await page.locator(`[data-tile="${name}"]`).innerText()).replaceAll(',', '');
    expect(await tile('Requests')).toBe(rows[0]?.requests);
    expect(await tile('Cost')).toBe(`$${rows[0]?.cost}`);
    expect(await tile('Hit rate')).toBe(`${rows[0]?.rate}%`);
    await context.close();
  });

  it('explains the money of a request, and says what was saved by what', async () => {
    const { context, page } = await visit({ role: 'viewer' });
    await open(page, 'usage');
    await page.locator('.datatable-body tr').filter({ hasText: 'memory' }).first().getByRole('button', { name: 'Show' }).click();
    const receipt = page.getByRole('dialog');
    await receipt.getByText('Paid in all: $0.00').waitFor();
    expect(await receipt.getByRole('table', { name: 'Rows of the usage log' }).innerText()).toContain('$0.002500');
    expect(await findBarriers(page)).toEqual([]);
    await receipt.getByRole('button', { name: 'Close' }).click();
    await receipt.waitFor({ state: 'detached' });
    await open(page, '');
    const savings = page.getByRole('table', { name: 'Savings by source' });
    await savings.getByText('$18.00').waitFor();
    const lines = (await savings.locator('tbody tr').allInnerTexts()).map((line) => line.replaceAll('\n', ''));
    expect(lines).toEqual([
      'memory\t2,700\t66.7%\t$18.00',
      'in flight\t180\t16.7%\t$4.50',
      'cheaper model\t–\t13.3%\t$3.60',
      'own model\t–\t3.3%\t$0.9000',
      'In all\t\t100%\t$27.00',
    ]);
    expect(await page.locator('[data-tile="Saved"]').innerText()).toBe('$27.00');
    await context.close();
  });

  it('shows what is stored as text and nothing else, in the list and on the page of one answer', async () => {
    const ids = await remember('markup', PAYLOADS);
    const { context, page, complaints } = await visit();
    await open(page, `memory?filter=${encodeURIComponent(JSON.stringify({ requestType: 'markup' }))}`);
    expect(await page.locator('tbody tr').count()).toBe(PAYLOADS.length);
    for (const [index, payload] of PAYLOADS.entries()) {
      await open(page, `memory/${ids[index]}/show`);
      await expect.poll(() => page.locator('pre').allInnerTexts()).toEqual([payload, payload]);
      await page.getByText(payload, { exact: true }).first().click();
      expect(await page.locator('main a[href^="javascript"], main iframe, main details, main pre *').count()).toBe(0);
    }
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lets a viewer look at the models, and an admin decide which one answers', async () => {
    const before = await firstChoice();
    const viewer = await visit({ role: 'viewer' });
    await open(viewer.page, 'providers');
    expect(await viewer.page.getByLabel(`${before} may be chosen`).isDisabled()).toBe(true);
    expect(await viewer.page.getByRole('button', { name: 'Edit' }).count()).toBe(0);
    expect(await viewer.page.locator('[role="menuitem"]').allInnerTexts()).not.toContain('Users');
    await viewer.context.close();

    const admin = await visit({ role: 'admin' });
    await open(admin.page, 'providers');
    await admin.page.getByLabel(`${before} may be chosen`).click();
    await admin.page.getByText(`${before} is not chosen any more`).waitFor();
    const after = await firstChoice();
    expect(after).not.toBe(before);
    await admin.page.getByLabel(`${before} may be chosen`).click();
    await admin.page.getByText(`${before} is chosen again`).waitFor();
    expect(await firstChoice()).toBe(before);
    const { rows } = await site.database.pool.query<{ actor: string }>(
      `select actor from ai_audit_log where subject = $1 and action like 'provider.%'`,
      [before],
    );
    expect(rows.map(({ actor }) => actor.split('-')[0])).toEqual(['admin', 'admin']);
    await admin.context.close();
  });

  it('verifies two answers for training by a few clicks, writes down who did it, and takes it back when asked to', async () => {
    const { context, page } = await visit({ role: 'reviewer' });
    await open(page, 'memory');
    // By keyboard alone to one answer and back.
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    await page.goBack();
    const boxes = page.locator('tbody input[type="checkbox"]');
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('button', { name: 'Mark as verified (training)' }).click();
    await page.getByText('2 answers verified for training').waitFor();
    const { rows } = await site.database.pool.query<{ verified: string; written: string }>(
      `select (select count(*) from ai_memory where verdict = 'verified' and use_for_training)::text as verified,
         (select count(*) from ai_audit_log where action = 'memory.verified')::text as written`,
    );
    expect(rows[0]).toEqual({ verified: '2', written: '2' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 answers not verified any more').waitFor();
    const left = await site.database.pool.query(`select 1 from ai_memory where verdict = 'verified' or use_for_training`);
    expect(left.rowCount).toBe(0);
    await context.close();
  });
});
