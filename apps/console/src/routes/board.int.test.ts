import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { JSON_ONLY, openTestConsole, type Browser, type TestConsole, type TestConsoleOptions } from '../testing.ts';

let site: TestConsole;
afterEach(() => site.close());

const QUEUE = 'text-openai';
const BASE: TestConsoleOptions = { serverUrl: '', template: '' };

interface BoardQueues {
  readonly queues: readonly { readonly name: string; readonly readOnlyMode: boolean; readonly isPaused: boolean }[];
}

async function open(options: Partial<TestConsoleOptions>): Promise<void> {
  site = await openTestConsole({ ...BASE, serverUrl: inject('databaseUrl'), template: inject('templateDatabase'), ...options });
}

/** As the board's own page does it: the token out of the cookie the page set, in the header of its HTTP client. */
async function put(browser: Browser, path: string) {
  await browser.call('GET', '/queues');
  const token = browser.cookies.get('XSRF-TOKEN') ?? '';
  return browser.call('PUT', `/queues/api/queues${path}`, { headers: { ...JSON_ONLY, 'x-xsrf-token': token } });
}

async function list(browser: Browser) {
  const response = await browser.call('GET', `/queues/api/queues?activeQueue=${QUEUE}&status=latest&page=1`, { headers: JSON_ONLY });
  expect(response.statusCode).toBe(200);
  return response.json<BoardQueues>().queues;
}

async function isPaused(): Promise<boolean | undefined> {
  return site.queue
    .listQueues()
    .find((queue) => queue.name === QUEUE)
    ?.isPaused();
}

describe.each([
  ['Postgres', () => ({})],
  ['Redis', () => ({ redisUrl: inject('redisUrl'), redisPrefix: `{test-${randomUUID()}}` })],
])('the board on %s', (_, backend) => {
  it('lets an admin pause and resume a queue, and writes down who did it', async () => {
    await open(backend());
    const admin = await site.signIn('admin');
    expect((await put(admin, `/${QUEUE}/pause`)).statusCode).toBe(200);
    expect(await isPaused()).toBe(true);
    expect((await put(admin, `/${QUEUE}/resume`)).statusCode).toBe(200);
    expect(await isPaused()).toBe(false);
    const { rows } = await site.database.pool.query('select actor, action, subject from ai_audit_log order by at');
    expect(rows).toEqual([
      { actor: admin.userName, action: 'board.put', subject: `queues/${QUEUE}/pause` },
      { actor: admin.userName, action: 'board.put', subject: `queues/${QUEUE}/resume` },
    ]);
  });

  it.each(['viewer', 'reviewer', 'operator'] as const)('shows everything to a %s and changes nothing', async (role) => {
    await open(backend());
    const browser = await site.signIn(role);
    const queues = await list(browser);
    expect(queues.map((queue) => queue.name)).toContain(QUEUE);
    expect(queues.every((queue) => queue.readOnlyMode)).toBe(true);
    expect((await browser.call('GET', `/queues/queue/${QUEUE}`)).body).toContain('read-only');
    for (const path of [`/${QUEUE}/pause`, '/pause', `/${QUEUE}/empty`, `/${QUEUE}/obliterate`]) {
      expect((await put(browser, path)).statusCode).toBe(403);
    }
    expect(await isPaused()).toBe(false);
    const admins = await list(await site.signIn('admin'));
    expect(admins.some((queue) => queue.readOnlyMode)).toBe(false);
  });

  it('shows the entries of a queue with what they carry', async () => {
    await open(backend());
    await site.queue.enqueueMaintenance('roll-up', { day: '2026-01-01' });
    const viewer = await site.signIn('viewer');
    const response = await viewer.call('GET', '/queues/api/queues?activeQueue=maintenance&status=latest&page=1', { headers: JSON_ONLY });
    expect(response.body).toContain('roll-up');
    expect(response.body).toContain('2026-01-01');
  });
});

describe('the board while Redis is away', () => {
  it('says so, and the console goes on', async () => {
    await open({ redisUrl: 'redis://127.0.0.1:1' });
    const viewer = await site.signIn('viewer');
    const board = await viewer.call('GET', '/queues/api/queues', { headers: JSON_ONLY });
    expect(board.statusCode).toBe(503);
    expect(board.json()).toMatchObject({ detail: 'The queue cannot be reached just now.' });
    const start = await viewer.call('GET', '/');
    expect(start.statusCode).toBe(200);
    expect(start.body).toContain('Unreachable');
    expect((await viewer.call('GET', '/readyz')).json()).toEqual({ status: 'ok', services: { postgres: 'ok', queue: 'unreachable' } });
  });
});
