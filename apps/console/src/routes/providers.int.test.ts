import { registerWorker, setUpProviders } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { COOKIE, openTestConsole, type Browser, type TestConsole } from '../testing.ts';

let site: TestConsole;
let admin: Browser;
let viewer: Browser;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  await setUpProviders({ databaseUrl: String(site.database.pool.options.connectionString), catalogue: 'current' });
  admin = await site.signIn('admin');
  viewer = await site.signIn('viewer');
});
afterAll(() => site.close());

interface Sent {
  readonly as?: Browser;
  readonly payload?: object;
}

async function send<Body>(method: 'GET' | 'POST' | 'PATCH', url: string, { as = admin, payload }: Sent = {}) {
  const response = await site.app.inject({
    method,
    url,
    cookies: { [COOKIE]: as.cookies.get(COOKIE) ?? '' },
    headers: { accept: 'application/json', 'x-csrf-token': as.csrfToken },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json<Body>() };
}

interface Row {
  readonly id: string;
  readonly provider: string;
  readonly modelName: string;
  readonly kind: string;
  readonly tier: string;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly limits: Readonly<Record<string, unknown>>;
  readonly replacement: string | null;
}

async function list(): Promise<Row[]> {
  return (await send<{ rows: Row[] }>('GET', '/api/providers')).body.rows;
}

async function find(provider: string, modelName: string): Promise<Row> {
  const row = (await list()).find((one) => one.provider === provider && one.modelName === modelName);
  if (row === undefined) throw new Error(`${provider}/${modelName} is not listed`);
  return row;
}

async function changes(subject: string): Promise<{ action: string; actor: string; before: object | null; after: object | null }[]> {
  const { rows } = await site.database.pool.query<{ action: string; actor: string; before: object | null; after: object | null }>(
    'select action, actor, before, after from ai_audit_log where subject = $1 order by at, id',
    [subject],
  );
  return rows;
}

describe('a configuration', () => {
  it('is added by what the catalogue knows or as somebody says, once, and written down', async () => {
    const payload = { provider: 'openai', modelName: 'gpt-of-tomorrow', kind: 'text', tier: 'premium', qualityScore: 0.95 };
    expect(await send('POST', '/api/providers', { payload })).toMatchObject({ status: 200 });
    expect(await find('openai', 'gpt-of-tomorrow')).toMatchObject({ tier: 'premium', isActive: true, limits: {} });
    expect(await send('POST', '/api/providers', { payload })).toMatchObject({ status: 400 });
    expect(await send('POST', '/api/providers', { payload: { ...payload, provider: 'nobody' } })).toMatchObject({ status: 400 });
    expect((await changes('openai/gpt-of-tomorrow')).map(({ action }) => action)).toEqual(['provider.added']);
  });

  it('gets limits, keeps those that are not named, and loses those that are taken away', async () => {
    const { id } = await find('openai', 'gpt-of-tomorrow');
    const edit = (limits: object) => send('PATCH', `/api/providers/${id}`, { payload: { limits } });
    expect(await edit({ requestsPerMinute: 600, tokensPerMinute: 100_000, dailySpendUsd: '12.5' })).toMatchObject({ status: 200 });
    expect(await edit({ concurrency: 8, tokensPerMinute: null })).toMatchObject({ status: 200 });
    const { limits } = await find('openai', 'gpt-of-tomorrow');
    expect(limits).toEqual({ requestsPerMinute: 600, concurrency: 8, dailySpendNanoUsd: '12500000000' });
    expect((await edit({ requestsPerMinute: 0 })).status).toBe(400);
    expect((await edit({ requestsPerSecond: 1 })).status).toBe(400);
    expect((await changes('openai/gpt-of-tomorrow')).at(-1)).toMatchObject({
      action: 'provider.edited',
      before: { limits: { requestsPerMinute: 600, tokensPerMinute: 100_000 } },
      after: { limits: { concurrency: 8 } },
    });
  });

  it('that ends gives its place to its successor by one act: tier and default go over, both are written down', async () => {
    await send('POST', '/api/providers', { payload: { provider: 'openai', modelName: 'gpt-of-yesterday', kind: 'text', tier: 'premium' } });
    const old = await find('openai', 'gpt-of-yesterday');
    const day = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const payload = { isDefault: true, shutdownDate: day, successor: 'gpt-of-tomorrow', lifecycle: 'deprecated' };
    await send('PATCH', `/api/providers/${old.id}`, { payload });
    await send('PATCH', `/api/providers/${(await find('openai', 'gpt-of-tomorrow')).id}`, { payload: { isActive: false } });
    expect((await find('openai', 'gpt-of-yesterday')).replacement).toBe('openai/gpt-of-tomorrow');
    expect(await send('POST', `/api/providers/${old.id}/successor`)).toMatchObject({
      status: 200,
      body: { replaced: 'openai/gpt-of-yesterday', successor: 'openai/gpt-of-tomorrow', isNew: false },
    });
    expect(await find('openai', 'gpt-of-yesterday')).toMatchObject({ isActive: false, isDefault: false });
    expect(await find('openai', 'gpt-of-tomorrow')).toMatchObject({ isActive: true, isDefault: true, tier: 'premium' });
    expect((await changes('openai/gpt-of-yesterday')).at(-1)).toMatchObject({ action: 'provider.replaced', before: { is_default: true } });
  });
});

interface Prices {
  readonly rows: readonly { readonly input: string | null; readonly isInEffect: boolean }[];
  readonly forecast: { readonly days: number; readonly todayNanoUsd: string | null; readonly tomorrowNanoUsd: string | null };
}

describe('prices', () => {
  it('are only added, and tell what tomorrow costs when it is like the days before', async () => {
    const { id } = await find('openai', 'gpt-of-tomorrow');
    const url = `/api/providers/${id}/prices`;
    const midnight = new Date();
    midnight.setUTCHours(24, 0, 0, 0);
    const add = (effectiveFrom: string, inputUsd: string, outputUsd: string) =>
      send('POST', url, { payload: { effectiveFrom, inputUsd, outputUsd, source: 'price list' } });
    expect((await add('2020-01-01T00:00:00Z', '1', '2')).status).toBe(200);
    expect((await add('2020-01-01T00:00:00Z', '3', '4')).status).toBe(400);
    await site.database.pool.query(
      `insert into ai_daily_cost (day, provider, model, kind, request_type, simulated, requests, successes, failures, cache_hits,
         in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd,
         latency_sum_ms, latency_histogram)
       select (now() at time zone 'UTC')::date - d, 'openai', 'gpt-of-tomorrow', 'text', 'quiz', false, 10, 10, 0, 0, 0, 10, 0, 2000000, 0,
         1000000, 0, 4000000000, 0, 1, '{}' from generate_series(1, 4) d`,
    );
    expect((await add(midnight.toISOString(), '1.5', '3')).status).toBe(200);
    const { body } = await send<Prices>('GET', url, { as: viewer });
    expect(body.rows.map(({ input, isInEffect }) => [input, isInEffect])).toEqual([
      ['1500000000', false],
      ['1000000000', true],
    ]);
    expect(body.forecast).toEqual({ days: 4, callsPerDay: 10, todayNanoUsd: '4000000000', tomorrowNanoUsd: '6000000000' });
  });
});

interface Told {
  readonly failure: { readonly code: string } | null;
  readonly rows: readonly { readonly model: string; readonly taken: boolean; readonly reason: string; readonly place: number | null }[];
}

describe('the choice for a request', () => {
  const ask = async (payload: object): Promise<Told> =>
    (await send<Told>('POST', '/api/selection', { as: viewer, payload: { kind: 'text', prompt: 'Why?', ...payload } })).body;

  it('is explained, model by model, with nothing asked and nothing written', async () => {
    // Without a worker nobody could take it: that is what is said.
    expect(await ask({})).toMatchObject({ failure: { code: 'NO_MODEL_AVAILABLE' }, rows: [] });
    const url = String(site.database.pool.options.connectionString);
    const worker = await registerWorker({ url, roles: ['text-openai', 'text-claude', 'text-gemini'] });
    await expect.poll(async () => (await ask({ tier: 'cheap' })).rows.length, { timeout: 15_000 }).toBeGreaterThan(3);
    const { rows, failure } = await ask({ tier: 'cheap' });
    expect(failure).toBeNull();
    const taken = rows.filter((row) => row.taken);
    expect(taken.map(({ place }) => place)).toEqual(taken.map((_, index) => index + 1));
    expect(rows.find((row) => row.model === 'gpt-of-yesterday')).toMatchObject({ taken: false, place: null, reason: 'inactive' });
    const { rows: jobs } = await site.database.pool.query<{ jobs: number }>('select count(*)::integer as jobs from ai_job');
    expect(jobs).toEqual([{ jobs: 0 }]);
    await worker.close();
  });

  it('says which field of the question is wrong', async () => {
    expect((await send('POST', '/api/selection', { payload: { kind: 'text' } })).status).toBe(400);
    expect((await send('POST', '/api/selection', { payload: { kind: 'audio', prompt: 'x', language: '??' } })).status).toBe(400);
  });
});
