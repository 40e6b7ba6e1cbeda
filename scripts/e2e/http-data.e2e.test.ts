import { randomUUID } from 'node:crypto';
import type { Gateway } from '@ai-core/gateway';
import { rollUp, setUserCategory } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer, type HttpCall } from './http-client.ts';

describe('what the HTTP door keeps and shows', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let key: string;
  let admin: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('app');
    admin = await fleet.makeKey('admin', 'admin');
  });
  afterAll(() => fleet.stop());

  const call = (path: string, options: HttpCall = {}): Promise<HttpAnswer> => callHttp(`${gateway.url}${path}`, { key, ...options });
  const ask = (body: object, options: HttpCall = {}): Promise<HttpAnswer> =>
    call('/v1/text', { body: { request_type: 'summary', ...body }, ...options });

  it('rates an answer once for each user, and the average follows', async () => {
    const { body } = await ask({ prompt: 'Rate me' });
    const path = `/v1/memory/${String(body['memory_id'])}/rating`;
    expect((await call(path, { body: { user_id: 1, rating: 2 } })).body).toMatchObject({ user_rating: 2, rating_count: 1 });
    expect((await call(path, { body: { user_id: '2', rating: 5 } })).body).toMatchObject({ user_rating: 3.5, rating_count: 2 });
    const comment = 'thanks, frank@example.org';
    expect((await call(path, { body: { user_id: 1, rating: 4, comment } })).body).toMatchObject({ user_rating: 4.5, rating_count: 2 });
    const { rows } = await fleet.database.pool.query<{ comment: string }>('select comment from ai_rating where comment is not null');
    expect(rows[0]?.comment).not.toContain('frank@example.org');
    const limited = await fleet.makeKey('other-scopes', 'app', { scopes: ['user:*'] });
    expect((await call(path, { key: limited, body: { user_id: 1, rating: 0 } })).status).toBe(404);
    expect((await call(path, { body: { user_id: 1, rating: 6 } })).status).toBe(400);

    const audited = async () =>
      (
        await fleet.database.pool.query(`select actor, action, after from ai_audit_log where action = 'memory.rated' and subject = $1`, [
          String(body['memory_id']),
        ])
      ).rows;
    expect(await audited()).toEqual([]);
    await call(path, { key: admin, body: { user_id: 'reviewer', rating: 3 } });
    expect(await audited()).toEqual([{ actor: 'admin', action: 'memory.rated', after: { rating: 3, average: 4 } }]);
  });

  it('explains what a request cost to the key that asked, its own part of a shared job, and all of it to an admin', async () => {
    const [payer, other] = [await fleet.makeKey('payer'), await fleet.makeKey('joiner')];
    fleet.simulator.control().setLatency({ latency: { fixedMs: 300 } });
    const prompt = `Receipt ${randomUUID()}`;
    const first = await ask({ prompt, wait_s: 0 }, { key: payer });
    const jobId = String(first.body['job_id']);
    const joined = await ask({ prompt }, { key: other });
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(joined.body).toMatchObject({ source: 'in_flight', job_id: jobId });
    const receipt = (id: string, of: string) => call(`/v1/receipts/${id}?against=openai/gpt-4o`, { key: of });
    const { body: paid } = await receipt(jobId, payer);
    expect(paid).toMatchObject({ job_id: jobId, difference_usd: '0', rows: [{ source: 'provider' }], calls: [{ state: 'billed' }] });
    const [bought] = paid['calls'] as { cost_usd: string; lines: { usd: string }[] }[];
    expect([bought?.cost_usd, paid['paid_usd']]).toEqual([paid['paid_usd'], expect.stringMatching(/^0\.0*[1-9]/)]);
    const parts = (bought?.lines ?? []).reduce((sum, { usd }) => sum + Number(usd), 0);
    expect(parts).toBeCloseTo(Number(bought?.cost_usd), 9);
    const { body: free } = await receipt(jobId, other);
    expect(free).toMatchObject({ paid_usd: '0', calls: [], rows: [{ source: 'in_flight', cost_usd: '0' }] });
    expect((free['rows'] as { savings: unknown[] }[])[0]?.savings.length).toBeGreaterThan(0);
    expect((await receipt(String(joined.body['request_id']), other)).status).toBe(200);
    expect((await receipt(String(joined.body['request_id']), payer)).status).toBe(404);
    expect((await receipt(jobId, key)).status).toBe(404);
    expect((await receipt(jobId, admin)).body['rows']).toHaveLength(2);
    expect((await receipt(jobId, await fleet.makeKey('admin-of-some', 'admin', { scopes: ['user:*'] }))).status).toBe(404);
    expect((await call(`/v1/receipts/${jobId}?against=nonsense`, { key: payer })).status).toBe(400);
    const hit = await ask({ prompt }, { key: payer });
    await expect.poll(async () => (await receipt(String(hit.body['request_id']), payer)).status, { timeout: 10_000 }).toBe(200);
    expect((await receipt(String(hit.body['request_id']), payer)).body).toMatchObject({ job_id: null, rows: [{ source: 'memory' }] });
  });

  it('stores a context under a name that prompts then use', async () => {
    const first = await call('/v1/contexts/lesson-7', { method: 'PUT', body: { text: 'Lesson seven is about glaciers.' } });
    expect(first.body).toMatchObject({ name: 'lesson-7', version: 1, created: true, created_by: 'app' });
    expect((await call('/v1/contexts/lesson-7')).body).toMatchObject({ version: 1, text: 'Lesson seven is about glaciers.' });
    const answer = await ask({ prompt: '{{context:lesson-7}} What is it about?' });
    expect(answer.status).toBe(200);
    expect((await ask({ prompt: '{{context:nowhere}} What is it about?' })).status).toBe(400);
    expect((await call('/v1/contexts/nowhere')).status).toBe(404);
  });

  it('accepts many requests at once as a group, once for each idempotency key', async () => {
    const lines = Array.from({ length: 300 }, (_, index) =>
      JSON.stringify({ request_type: 'quiz', prompt: `Bulk question ${index % 50}` }),
    );
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': randomUUID() };
    const body = `${lines.join('\n')}\n`;
    const before = fleet.simulator.bill().length;
    const [group, again] = [await call('/v1/bulk', { body, headers }), await call('/v1/bulk', { body, headers })];
    expect([group.status, again.status]).toEqual([202, 202]);
    expect(group.body).toMatchObject({ requests: 300, failed: 0, group_id: again.body['group_id'] });
    const path = String(group.body['status_url']);
    await expect.poll(async () => (await call(path)).body, { timeout: 30_000 }).toMatchObject({ pending: 0, done: 300 });
    expect(fleet.simulator.bill().length - before).toBe(50);
    const page = (await call(`${path}?after=298&limit=10`)).body['items'] as { line: number; state: string }[];
    expect(page.map(({ line, state }) => [line, state])).toEqual([
      [299, 'done'],
      [300, 'done'],
    ]);
    expect((await call(path, { key: await fleet.makeKey('group-stranger') })).status).toBe(404);
    const wrong = await call('/v1/bulk', { body: `${lines[0]}\n{"prompt": 1}`, headers: { 'content-type': 'application/x-ndjson' } });
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'REQUEST_INVALID']);
    expect(wrong.text).toContain('line 2');
  });

  it('tells what a request would cost without asking anybody', async () => {
    const before = fleet.simulator.bill().length;
    const body = { prompt: `How much? ${randomUUID()}`, estimate: true };
    const first = await ask(body);
    expect(first.body).toMatchObject({ remembered: false, candidates: expect.any(Array) });
    expect(Number(first.body['max_cost_usd'])).toBeGreaterThan(0);
    expect(fleet.simulator.bill().length).toBe(before);
    await ask({ ...body, estimate: false });
    expect((await ask(body)).body).toMatchObject({ remembered: true, max_cost_usd: '0' });
  });

  it('counts for Prometheus by route, with no name of anybody in a label', async () => {
    expect((await call('/metrics')).status).toBe(403);
    const { text, headers } = await call('/metrics', { key: admin });
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/ai_core_http_requests_total\{method="POST",route="\/v1\/text",status="200"\} \d+/);
    expect(text).toContain('ai_core_queue_jobs');
    expect(text).not.toMatch(/="(app|admin|pupil)"/);
  });

  it('shows an app its own accounts and an admin everything', async () => {
    await ask({ prompt: `Counted ${randomUUID()}`, user_id: 'pupil' });
    await rollUp(fleet.database);
    const own = await call('/v1/usage?by=user');
    expect(own.body).toMatchObject({ of: 'app', by: 'user' });
    expect(own.body['lines']).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'pupil', requests: 1 })]));
    expect((await call('/v1/usage', { key: await fleet.makeKey('fresh') })).body['lines']).toEqual([]);
    expect((await call('/v1/usage?by=model')).status).toBe(400);
    expect((await call('/v1/usage?by=model', { key: admin })).body).toMatchObject({ of: 'everyone' });
    expect((await call('/v1/usage?days=0')).status).toBe(400);
    expect((await call('/v1/usage?colour=red')).status).toBe(400);
  });

  it('exports verified answers to admins only, a line for each', async () => {
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, index) => ask({ prompt: `Worth training on, number ${index}: ${randomUUID()}` })),
    );
    await fleet.database.pool.query(
      `update ai_memory set is_verified_good = true, verdict = 'verified', use_for_training = true where id = any($1::uuid[])`,
      [asked.map((answer) => answer.body['memory_id'])],
    );
    expect((await call('/v1/training-data/export')).status).toBe(403);
    const parts = await Promise.all(
      ['train', 'validation'].map((split) => call(`/v1/training-data/export?split=${split}`, { key: admin })),
    );
    expect(parts[0]?.headers.get('content-type')).toContain('application/x-ndjson');
    const lines = parts.flatMap((part) => part.text.split('\n').filter((line) => line !== ''));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ prompt: expect.any(String), completion: expect.any(String) });
  });

  it("narrows models to what a user's category may use, in the list and in the choice", async () => {
    const policy = { userCategory: 'free', allowedTiers: ['cheap' as const], allowedModels: null, dailyLimitNanoUsd: null };
    await setUserCategory(fleet.database, policy, 'test');
    await expect
      .poll(async () => {
        const { body } = await call('/v1/models?user_category=free');
        const models = body['data'] as { provider: string | null; tier: string }[];
        return [...new Set(models.filter((model) => model.provider !== null).map((model) => model.tier))];
      })
      .toEqual(['cheap']);
    // The producer's own copy of the policies is at most a second old.
    await expect
      .poll(async () => {
        const premium = { prompt: `Think hard ${randomUUID()}`, options: { quality: 'premium' } };
        const [free, paying] = await Promise.all([ask({ ...premium, user_category: 'free' }), ask(premium)]);
        expect([free.status, paying.status]).toEqual([200, 200]);
        // Another choice is another question, so their answers are not shared.
        return free.body['model'] !== paying.body['model'] && free.body['memory_id'] !== paying.body['memory_id'];
      })
      .toBe(true);
  });

  it('describes itself as OpenAPI and as a page that needs nothing from elsewhere', async () => {
    const { body } = await callHttp(`${gateway.url}/openapi.json`);
    expect(body['openapi']).toBe('3.1.1');
    const page = await callHttp(`${gateway.url}/docs`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).not.toMatch(/https?:\/\//);
    for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'begin.js'])
      expect((await callHttp(`${gateway.url}/docs/${file}`)).status).toBe(200);
    expect((await callHttp(`${gateway.url}/docs/package.json`)).status).toBe(404);
  });
});
