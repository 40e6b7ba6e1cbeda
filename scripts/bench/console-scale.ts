import { startConsole } from '@ai-core/console';
import { createLog } from '@ai-core/runtime';
import { createConsoleUser, openDatabase, openSession, rollUp, type Database } from '@ai-core/store';
import { chromium } from 'playwright-core';
import { findBrowser } from '../test-services/find-browser.ts';
import { percentile, type Bench, type Measurement } from './bench.ts';
import { fillLedger } from './console/fill-ledger.ts';

const SIZE = { usageRows: 2_000_000, memories: 200_000, jobs: 100_000 } as const;
const QUICK_SIZE = { usageRows: 200_000, memories: 20_000, jobs: 10_000 } as const;
const DASHBOARD_GOAL_MS = 200;
const LIST_GOAL_MS = 300;
const PAGE_GOAL_MS = 2_000;
const BUNDLE_GOAL_KB = 500;

/** What people look at, by the goal that holds for it. */
const QUESTIONS: readonly [name: string, path: string, goalMs: number][] = [
  // The yardstick: one look at one row. On a busy machine it tells how much of the others is waiting.
  ['who is logged in', '/api/session', DASHBOARD_GOAL_MS],
  ['dashboard, 30 days', '/api/dashboard?days=30', DASHBOARD_GOAL_MS],
  ['dashboard, 90 days', '/api/dashboard?days=90', DASHBOARD_GOAL_MS],
  ['savings', '/api/savings?days=30', DASHBOARD_GOAL_MS],
  ['health', '/api/health', DASHBOARD_GOAL_MS],
  ['usage log', '/api/usage?limit=100', LIST_GOAL_MS],
  ['usage log of a type', '/api/usage?requestType=summary', LIST_GOAL_MS],
  ['usage log of a person', '/api/usage?userId=user-4711', LIST_GOAL_MS],
  ['usage log of a stranger', '/api/usage?userId=nobody', LIST_GOAL_MS],
  ['usage log, failures', '/api/usage?success=false', LIST_GOAL_MS],
  ['usage log of a type nobody has', '/api/usage?requestType=nothing', LIST_GOAL_MS],
  ['memory', '/api/memory?limit=100', LIST_GOAL_MS],
  ['memory, verified', '/api/memory?verdict=verified', LIST_GOAL_MS],
  ['memory, words of one answer', '/api/memory?search=Question%20199999', LIST_GOAL_MS],
  ['memory, words that nobody wrote', '/api/memory?search=xylophone', LIST_GOAL_MS],
  ['jobs', '/api/jobs?limit=100', LIST_GOAL_MS],
  ['jobs, failed', '/api/jobs?state=failed', LIST_GOAL_MS],
  ['jobs, parked', '/api/jobs?state=parked', LIST_GOAL_MS],
  ['models', '/api/providers', LIST_GOAL_MS],
];

async function openCookie(database: Database): Promise<string> {
  const { name } = await createConsoleUser(database, { name: `bench-${Date.now()}`, role: 'viewer' });
  const { rows } = await database.pool.query<{ id: string }>(
    'update ai_console_user set must_change_password = false where name = $1 returning id',
    [name],
  );
  return (await openSession(database, rows[0]?.id ?? '')).token;
}

async function ask(url: string, cookie: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(url, { headers: { cookie: `ai_core_console=${cookie}`, accept: 'application/json' } });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return performance.now() - start;
}

interface Limit {
  readonly bench: string;
  readonly goal: number;
  readonly unit: 'ms' | 's' | 'kB';
}

function measured(ours: number, { bench, goal, unit }: Limit): Measurement {
  return { bench: `console: ${bench}`, ours, yardstick: goal, ratio: ours / goal, unit, goal: `<= ${goal} ${unit}`, met: ours <= goal };
}

/** @returns the time until the dashboard stands in a browser that has nothing of it, and the compressed size of its code */
async function loadPage(url: string, cookie: string): Promise<{ readonly ms: number; readonly kb: number }> {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext();
    await context.addCookies([{ name: 'ai_core_console', value: cookie, url }]);
    const page = await context.newPage();
    const files: string[] = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) files.push(pathname);
    });
    const start = performance.now();
    await page.goto(`${url}/`);
    await page.locator('[data-tile="Requests"]').waitFor();
    const ms = performance.now() - start;
    let bytes = 0;
    for (const file of files) {
      const response = await context.request.get(`${url}${file}`);
      bytes += Number(response.headers()['content-length'] ?? 0);
    }
    return { ms, kb: bytes / 1_024 };
  } finally {
    await browser.close();
  }
}

async function waitForPages(url: string, cookie: string): Promise<void> {
  for (;;) {
    const response = await fetch(url, { headers: { cookie: `ai_core_console=${cookie}`, accept: 'text/html' } });
    if ((await response.text()).includes('type="module"')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export const consoleScale: Bench = {
  about: 'the console over 2,000,000 usage rows and 200,000 remembered answers: 95 of 100 answers of each list come within so long',
  async run({ databaseUrl, quick }) {
    const database = openDatabase({ url: databaseUrl, maxConnections: 2, statementTimeoutMs: 900_000 });
    await fillLedger(database, quick ? QUICK_SIZE : SIZE);
    const start = performance.now();
    await rollUp(database);
    const rollUpMs = performance.now() - start;
    const running = await startConsole({ databaseUrl, host: '127.0.0.1', port: 0, log: createLog({ level: 'silent', name: 'bench' }) });
    const cookie = await openCookie(database);
    // The console of a morning: what is kept for a while has been worked out once.
    await Promise.all(QUESTIONS.map(([, path]) => ask(`${running.url}${path}`, cookie)));
    const measurements = [measured(rollUpMs / 1_000, { bench: 'recounting every day', goal: 120, unit: 's' })];
    for (const [name, path, goalMs] of QUESTIONS) {
      const tookMs: number[] = [];
      for (let round = 0; round < (quick ? 10 : 40); round++) tookMs.push(await ask(`${running.url}${path}`, cookie));
      measurements.push(measured(percentile(tookMs, 0.95), { bench: name, goal: goalMs, unit: 'ms' }));
    }
    await waitForPages(running.url, cookie);
    const { ms, kb } = await loadPage(running.url, cookie);
    measurements.push(
      measured(ms, { bench: 'first page in a fresh browser', goal: PAGE_GOAL_MS, unit: 'ms' }),
      measured(kb, { bench: 'code, gzip', goal: BUNDLE_GOAL_KB, unit: 'kB' }),
    );
    await running.close();
    await database.close();
    return measurements;
  },
};
