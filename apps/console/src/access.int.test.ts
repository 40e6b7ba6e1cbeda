import { CONSOLE_ROLES, createConsoleUser, openSession } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hasRole, type Need } from './access-rules.ts';
import type { GuardedRoute } from './guard.ts';
import { COOKIE, JSON_ONLY, openBrowser, openTestConsole, tokenOn, type Browser, type TestConsole } from './testing.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => site.close());

const REFUSALS: readonly unknown[] = ['UNAUTHENTICATED', 'FORBIDDEN'];

/** Asks a route as a program would; @returns the code of the refusal, or `allowed` whatever the route itself answers. */
async function tryRoute(browser: Browser, route: GuardedRoute): Promise<unknown> {
  const url = route.path.replace(':queueName', 'text-openai').replace(/:\w+/g, 'completed').replace('*', 'favicon.ico');
  const response = await browser.call(route.method, url, { headers: { ...JSON_ONLY, 'x-csrf-token': browser.csrfToken } });
  // An answer to HEAD has no body to look into.
  if (route.method === 'HEAD') return { 401: 'UNAUTHENTICATED', 403: 'FORBIDDEN' }[response.statusCode] ?? 'allowed';
  if (!response.headers['content-type']?.startsWith('application/problem+json')) return 'allowed';
  const { code } = response.json<{ code: unknown }>();
  return REFUSALS.includes(code) ? code : 'allowed';
}

interface Visitor {
  readonly name: string;
  /** A fresh session each time: some routes end it. */
  enter(): Promise<Browser>;
  expected(need: Need): 'allowed' | 'UNAUTHENTICATED' | 'FORBIDDEN';
}

async function enterWithGivenOutPassword(): Promise<Browser> {
  const { name } = await createConsoleUser(site.database, { name: `new-${crypto.randomUUID()}`, role: 'admin' });
  const { rows } = await site.database.pool.query<{ id: string }>('select id from ai_console_user where name = $1', [name]);
  const session = await openSession(site.database, rows[0]?.id ?? '');
  const browser = openBrowser(site.app, { csrfToken: session.csrfToken });
  browser.cookies.set(COOKIE, session.token);
  return browser;
}

const VISITORS: readonly Visitor[] = [
  {
    name: 'somebody without a login',
    enter: async () => openBrowser(site.app),
    expected: (need) => (need === 'nothing' ? 'allowed' : 'UNAUTHENTICATED'),
  },
  {
    name: 'an admin whose password was given out',
    enter: enterWithGivenOutPassword,
    expected: (need) => (need === 'nothing' || need === 'login' ? 'allowed' : 'FORBIDDEN'),
  },
  ...CONSOLE_ROLES.map((role): Visitor => ({
    name: `a ${role}`,
    enter: () => site.signIn(role),
    expected: (need) => (need === 'nothing' || need === 'login' || hasRole(role, need) ? 'allowed' : 'FORBIDDEN'),
  })),
];

describe('every route against every kind of visitor', () => {
  it('covers the routes of the console and of the board', () => {
    const names = site.routes.map((route) => `${route.method} ${route.path}`);
    for (const known of ['GET /', 'POST /login', 'GET /queues', 'PUT /queues/api/queues/:queueName/pause', 'GET /queues/static/*']) {
      expect(names).toContain(known);
    }
    expect(names.length).toBeGreaterThan(45);
    expect(site.routes.filter((route) => route.rule.need === 'admin').length).toBeGreaterThan(20);
  });

  it.each(VISITORS.map((visitor) => [visitor.name, visitor] as const))(
    '%s is let in where the table says, and nowhere else',
    async (_, visitor) => {
      let browser = await visitor.enter();
      const wrong: string[] = [];
      for (const route of site.routes) {
        const outcome = await tryRoute(browser, route);
        const expected = visitor.expected(route.rule.need);
        if (outcome !== expected) wrong.push(`${route.method} ${route.path}: ${String(outcome)} instead of ${expected}`);
        if (route.path === '/logout') browser = await visitor.enter();
      }
      expect(wrong).toEqual([]);
    },
  );

  it('tells programs with a problem document and people with a page', async () => {
    const viewer = await site.signIn('viewer');
    const url = '/queues/api/queues/text-openai/pause';
    const program = await viewer.call('PUT', url, { headers: { ...JSON_ONLY, 'x-csrf-token': viewer.csrfToken } });
    expect(program.statusCode).toBe(403);
    expect(program.json()).toMatchObject({ status: 403, code: 'FORBIDDEN', detail: 'This needs the role admin; you are viewer.' });
    const nowhere = await viewer.call('GET', '/nowhere');
    expect(nowhere.statusCode).toBe(404);
    expect(nowhere.body).toContain('There is nothing at this address.');
    expect((await openBrowser(site.app).call('GET', '/nowhere', { headers: JSON_ONLY })).json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('forged requests', () => {
  const pause = '/queues/api/queues/text-openai/pause';
  const isLoggedIn = async (browser: Browser): Promise<boolean> => (await browser.call('GET', '/')).statusCode === 200;

  it('change nothing without the token of the session, with a wrong one or with that of another session', async () => {
    const browser = await site.signIn('admin');
    const other = await site.signIn('admin');
    for (const token of ['', 'x'.repeat(43), other.csrfToken]) {
      expect((await browser.call('POST', '/logout', { form: { _csrf: token } })).statusCode).toBe(403);
      expect((await browser.call('PUT', pause, { headers: { ...JSON_ONLY, 'x-xsrf-token': token } })).statusCode).toBe(403);
    }
    expect(await isLoggedIn(browser)).toBe(true);
    expect(await site.queue.listQueues()[0]?.isPaused()).toBe(false);
  });

  it('are refused when the browser says that another site sent them, even with the token', async () => {
    const browser = await site.signIn('admin');
    const form = { _csrf: browser.csrfToken };
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example', host: 'console.example' },
      { origin: 'null', host: 'console.example' },
    ];
    for (const headers of foreign) {
      expect((await browser.call('POST', '/logout', { form, headers })).statusCode).toBe(403);
      const login = await openBrowser(site.app).call('POST', '/login', { form: { name: 'x', password: 'y' }, headers });
      expect([login.statusCode, login.cookies]).toEqual([403, []]);
    }
    expect(await isLoggedIn(browser)).toBe(true);
    const own = { origin: 'https://console.example', host: 'console.example' };
    expect((await browser.call('POST', '/logout', { form, headers: own })).statusCode).toBe(303);
  });

  it('need the token that stands in the forms', async () => {
    const browser = await site.signIn('viewer');
    const token = tokenOn((await browser.call('GET', '/')).body);
    expect(token).toBe(browser.csrfToken);
    expect((await browser.call('GET', '/api/session', { headers: JSON_ONLY })).json()).toMatchObject({ csrf_token: token, role: 'viewer' });
  });
});

describe('every answer', () => {
  it('may load nothing from another host, is framed by nobody and kept by no cache', async () => {
    const browser = await site.signIn('viewer');
    for (const url of ['/', '/login', '/password', '/queues', '/nowhere', '/api/overview']) {
      const { headers } = await browser.call('GET', url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/https?:|\*|upgrade-insecure-requests|unsafe-eval/);
      expect(policy.includes("'unsafe-inline'")).toBe(url === '/queues');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('names no address of another host, on our pages and on the board', async () => {
    const browser = await site.signIn('admin');
    for (const url of ['/', '/password', '/queues', '/queues/queue/text-openai']) {
      const page = await browser.call('GET', url);
      expect(page.statusCode).toBe(200);
      expect(page.body).not.toMatch(/(?:href|src)="(?:https?:)?\/\//i);
    }
  });

  it('refuses bodies that are too large, of an unknown kind or broken, without quoting them', async () => {
    const browser = await site.signIn('admin');
    const cases = [
      ['application/x-www-form-urlencoded', `name=${'secret'.repeat(20_000)}`, 413],
      ['text/plain', 'secret', 415],
      ['application/json', '{"secret": ', 400],
      ['application/json', '{"__proto__": {"secret": 1}}', 400],
    ] as const;
    for (const [type, payload, status] of cases) {
      const response = await site.app.inject({
        method: 'POST',
        url: '/login',
        headers: { 'content-type': type, ...JSON_ONLY },
        cookies: Object.fromEntries(browser.cookies),
        payload,
      });
      expect([type, response.statusCode]).toEqual([type, status]);
      expect(response.body).not.toContain('secret');
    }
  });

  it('keeps its own files for ever, under a name that changes with them', async () => {
    const page = (await openBrowser(site.app).call('GET', '/login')).body;
    const address = /href="(\/assets\/[0-9a-f]{12}-console\.css)"/.exec(page)?.[1] ?? '';
    const file = await openBrowser(site.app).call('GET', address);
    expect(file.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(file.headers['cache-control']).toContain('immutable');
    expect((await openBrowser(site.app).call('GET', '/assets/..%2Fmain.ts')).statusCode).toBe(404);
  });
});
