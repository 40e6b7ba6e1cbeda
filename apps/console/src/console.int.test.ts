import { createAiCore } from '@ai-core/producer';
import { openQueue } from '@ai-core/queue';
import { createLog } from '@ai-core/runtime';
import { openDatabase, registerWorker } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildConsole } from './build-console.ts';
import type { Overview } from './overview.ts';
import { createSessionCookie } from './session-cookie.ts';
import { startConsole } from './start-console.ts';
import { JSON_ONLY, openTestConsole, type TestConsole } from './testing.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => site.close());

const log = createLog({ level: 'silent', name: 'console' });
const databaseUrl = (): string => String(site.database.pool.options.connectionString);

interface Day {
  readonly model: string;
  readonly simulated: boolean;
  readonly costNanoUsd: bigint;
}

/** Ten requests of one model today, four of them from memory. */
async function insertDay(day: Day): Promise<void> {
  await site.database.pool.query(
    `insert into ai_daily_cost (day, provider, model, kind, request_type, simulated, requests, successes, failures, cache_hits,
       in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
       latency_sum_ms, latency_histogram)
     values ((now() at time zone 'UTC')::date, 'openai', $1, 'text', 'quiz', $2, 10, 9, 1, 3, 1, 6, 0, 1, 0, 1, 0, $3, 5, 100, '{}')`,
    [day.model, day.simulated, day.costNanoUsd],
  );
}

describe('the overview', () => {
  it('says that nothing happened yet and that no worker is alive', async () => {
    const viewer = await site.signIn('viewer');
    const page = (await viewer.call('GET', '/')).body;
    expect(page).toContain('No requests yet today.');
    expect(page).toContain('nothing is being worked on');
    expect(page).not.toContain('class="badge"');
    expect(page).toContain(`<b>${viewer.userName}</b>`);
  });

  it('keeps simulated money apart from real money and says which is which', async () => {
    await insertDay({ model: 'real-model', simulated: false, costNanoUsd: 1_234_567_891n });
    await insertDay({ model: 'simulated-model', simulated: true, costNanoUsd: 7_000_000_000n });
    const viewer = await site.signIn('viewer');
    const overview = (await viewer.call('GET', '/api/overview', { headers: JSON_ONLY })).json<Overview>();
    expect(overview.today).toMatchObject([
      { simulated: false, requests: 10, failures: 1, cache_hits: 4, hit_rate: 0.4, cost_usd: '1.234567891', saved_usd: '0.000000005' },
      { simulated: true, requests: 10, cost_usd: '7' },
    ]);
    const [real = '', simulated = ''] = (await viewer.call('GET', '/')).body.split('class="badge">simulated');
    expect(real).toContain('real-model');
    expect(real).toContain('$1.23');
    expect(real).not.toContain('simulated-model');
    expect(simulated).toContain('simulated-model');
    expect(simulated).toContain('Nobody was charged');
  });

  it('shows workers that are alive and what waits in the queues', async () => {
    const worker = await registerWorker({ url: databaseUrl(), roles: ['text-openai', 'maintenance'] });
    await site.queue.enqueueMaintenance('roll-up', {});
    const viewer = await site.signIn('viewer');
    const read = async (): Promise<Overview> => (await viewer.call('GET', '/api/overview', { headers: JSON_ONLY })).json<Overview>();
    const overview = await read();
    expect(overview.workers).toMatchObject([{ id: worker.workerId(), process_id: process.pid, roles: ['text-openai', 'maintenance'] }]);
    expect(overview.depths).toContainEqual({ queue: 'maintenance', waiting: 1, active: 0, delayed: 0 });
    expect(overview.postgres.state).toBe('ok');
    expect(overview.queue).toMatchObject({ state: 'ok', backend: 'postgres' });
    expect((await viewer.call('GET', '/')).body).toContain('text-openai, maintenance');
    await worker.close();
    expect((await read()).workers).toEqual([]);
  });
});

describe('health', () => {
  it('is told without a login and without saying anything else', async () => {
    const alive = await site.app.inject('/healthz');
    expect([alive.statusCode, alive.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await site.app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ok', services: { postgres: 'ok', queue: 'ok' } }]);
  });

  it('is alive but not ready while Postgres is away, and a visitor is told so in plain words', async () => {
    const url = 'postgres://nobody:secret@127.0.0.1:1/nothing';
    const database = openDatabase({ url });
    const queue = await openQueue({ databaseUrl: url, onError: () => undefined });
    const aiCore = await createAiCore({ databaseUrl: url });
    const { app } = await buildConsole(
      { database, queue, aiCore, cookie: createSessionCookie(false), log, objects: null, findWebApp: () => null, isPreparing: () => false },
      { isTlsOnly: false },
    );
    expect((await app.inject('/healthz')).statusCode).toBe(200);
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'unavailable', services: { postgres: 'unreachable', queue: 'ok' } }]);
    const page = await app.inject({
      url: '/',
      headers: { accept: 'text/html' },
      cookies: { ai_core_console: 'A'.repeat(43) },
    });
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('Unavailable just now');
    expect(page.body).not.toMatch(/secret|127\.0\.0\.1/);
    await app.close();
    await aiCore.close();
    await queue.close();
    await database.close();
  });
});

describe('startConsole', () => {
  it('listens on the host and port given, and lets go of everything when it is closed', async () => {
    const running = await startConsole({ databaseUrl: databaseUrl(), host: '127.0.0.1', port: 0, log, secureCookies: true });
    const response = await fetch(`${running.url}/login`);
    expect(response.status).toBe(200);
    expect(response.headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
    expect(response.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
    await running.close();
    await expect(fetch(`${running.url}/healthz`)).rejects.toThrow('fetch failed');
  });
});
