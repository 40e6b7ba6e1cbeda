import { randomUUID } from 'node:crypto';
import type { Gateway } from '@ai-core/gateway';
import { CHANGES_TOPIC, openQueue } from '@ai-core/queue';
import { listApiKeys, revokeApiKey } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer, type HttpCall } from './http-client.ts';

describe('the HTTP door', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let other: Gateway;
  let key: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    other = await fleet.openGateway();
    key = await fleet.makeKey('django');
  });
  afterAll(() => fleet.stop());

  const call = (path: string, options: HttpCall = {}): Promise<HttpAnswer> => callHttp(`${gateway.url}${path}`, { key, ...options });
  const ask = (body: object, options: HttpCall = {}): Promise<HttpAnswer> =>
    call('/v1/text', { body: { request_type: 'summary', ...body }, ...options });

  it('answers a text request with its receipt, and the second time from memory at no cost', async () => {
    const body = { prompt: 'Explain photosynthesis over HTTP', user_id: 42, endpoint: 'lessons' };
    const first = await ask(body);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ source: 'provider', cached: false, simulated: true, job_id: expect.any(String) });
    expect(Number(first.body['cost_usd'])).toBeGreaterThan(0);
    const second = await ask(body);
    expect(second.body).toMatchObject({ text: first.body['text'], source: 'memory', cached: true, cost_usd: '0', job_id: null });
    expect(Number(second.body['saved_usd'])).toBe(Number(first.body['cost_usd']));
    expect(second.headers.get('x-ai-core-source')).toBe('memory');
    expect(second.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
  });

  it('accounts for a request under the name of its key', async () => {
    await ask({ prompt: 'Who pays for this?', user_id: 'u7' });
    await expect
      .poll(async () => {
        const { rows } = await fleet.database.pool.query(`select caller, user_id from ai_usage_log where user_id = 'u7'`);
        return rows as unknown[];
      })
      .toEqual([{ caller: 'django', user_id: 'u7' }]);
  });

  it('answers 202 when the wait is over, and the status address of another replica then has the answer', async () => {
    const pending = await ask({ prompt: 'Repeat exactly: write to anna@example.com', wait_s: 0 });
    expect(pending.status).toBe(202);
    expect(pending.headers.get('location')).toBe(pending.body['status_url']);
    const done = await callHttp(`${other.url}${String(pending.body['status_url'])}&wait_s=20`, { key });
    expect(done.status).toBe(200);
    // The personal data that was taken out is back, although this replica never saw the request.
    expect(done.body['text']).toContain('anna@example.com');
    expect(done.body['text']).not.toMatch(/[⟦⟧]/);
  });

  it('wants to know which request is meant when several with personal data share one job', async () => {
    fleet.simulator.control().setLatency({ latency: { fixedMs: 500 } });
    const ending = randomUUID();
    const asked = await Promise.all(
      ['one@example.org', 'two@example.org'].map((email) => ask({ prompt: `Repeat exactly: ${email} ${ending}`, wait_s: 0 })),
    );
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    const [one, two] = asked;
    expect(one?.body['job_id']).toBe(two?.body['job_id']);
    const vague = await call(`/v1/jobs/${String(one?.body['job_id'])}`);
    expect([vague.status, vague.body['code']]).toEqual([400, 'REQUEST_INVALID']);
    const answers = await Promise.all(asked.map((pending) => call(`${String(pending?.body['status_url'])}&wait_s=20`)));
    expect(answers[0]?.body['text']).toContain('one@example.org');
    expect(answers[1]?.body['text']).toContain('two@example.org');
    expect(answers[0]?.body['text']).not.toContain('two@example.org');
  });

  it('shows a job to nobody but the keys that asked for it', async () => {
    const stranger = await fleet.makeKey('stranger');
    const pending = await ask({ prompt: 'Only mine', wait_s: 0 });
    const path = `/v1/jobs/${String(pending.body['job_id'])}`;
    expect((await call(path, { key: stranger })).status).toBe(404);
    expect((await call(path, { key: stranger, method: 'DELETE' })).status).toBe(404);
    expect((await call(`${path}?wait_s=20`)).status).toBe(200);
  });

  it('takes a request back on DELETE, and then tells that it was cancelled', async () => {
    fleet.simulator.control().setLatency({ latency: { fixedMs: 2_000 } });
    const pending = await ask({ prompt: `Cancel me ${randomUUID()}`, wait_s: 0 });
    const status = String(pending.body['status_url']);
    expect((await call(status, { method: 'DELETE' })).body['outcome']).toBe('cancelled');
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    const after = await call(status);
    expect([after.status, after.body['code']]).toEqual([409, 'JOB_CANCELLED']);
    expect((await call(status, { method: 'DELETE' })).body['outcome']).toBe('finished');
  });

  it('gives the same answer for the same Idempotency-Key, and refuses another request under it', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { prompt: 'Once only, mail bob@example.com', cache: 'bypass' };
    const bought = fleet.simulator.bill().length;
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(body, { headers })));
    expect(new Set(answers.map((answer) => answer.body['job_id'])).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.body['text'])).size).toBe(1);
    expect(fleet.simulator.bill().length - bought).toBe(1);
    const replayed = await callHttp(`${other.url}/v1/text`, { key, headers, body: { request_type: 'summary', ...body } });
    expect(replayed.body['text']).toBe(answers[0]?.body['text']);
    const conflict = await ask({ prompt: 'Something else' }, { headers });
    expect([conflict.status, conflict.body['code']]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    const theirs = await ask({ prompt: 'Something else' }, { headers, key: await fleet.makeKey('their-own-keys') });
    expect(theirs.status).toBe(200);
  });

  it('tells what is wrong as a problem document that names no value of the request', async () => {
    const answer = await ask({ prompt: 'secret words', colour: 'red', requestType: 'x' });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'REQUEST_INVALID', status: 400, retry: 'never', request_id: expect.any(String) });
    expect(answer.text).toContain('colour is not a known field');
    expect(answer.text).not.toMatch(/red|secret words/);
  });

  it('refuses what has no key, a wrong key, and a key that has just been revoked', async () => {
    for (const wrong of [undefined, 'aic_wrong', 'x'.repeat(5_000)]) {
      const answer = await callHttp(`${gateway.url}/v1/text`, { key: wrong, body: { request_type: 'a', prompt: 'b' } });
      expect([answer.status, answer.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
    const leaving = await fleet.makeKey('leaving');
    expect((await ask({ prompt: 'still here' }, { key: leaving })).status).toBe(200);
    await revokeApiKey(fleet.database, 'leaving', 'test');
    const queue = await openQueue({ ...fleet, onError: () => undefined });
    await queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'api-keys' }]);
    await queue.close();
    await expect.poll(async () => (await ask({ prompt: 'still here' }, { key: leaving })).status, { timeout: 6_000 }).toBe(401);
  });

  it('keeps a key only as its hash', async () => {
    const { rows } = await fleet.database.pool.query<{ row: string }>('select to_jsonb(k)::text as row from ai_api_key k');
    for (const { row } of rows) expect(row).not.toContain(key);
    expect((await listApiKeys(fleet.database)).map((known) => known.name)).toContain('django');
  });

  it('holds a key to its scopes', async () => {
    const limited = await fleet.makeKey('limited', 'app', { scopes: ['user:*'] });
    expect((await ask({ prompt: 'in scope', scope: 'user:7' }, { key: limited })).status).toBe(200);
    for (const scope of ['shared', 'users', 'team:1']) {
      const answer = await ask({ prompt: 'in scope', scope }, { key: limited });
      expect([answer.status, answer.body['code']]).toEqual([403, 'FORBIDDEN']);
    }
  });

  it('holds a key to its requests a minute over all gateways together', async () => {
    const limited = await fleet.makeKey('slow', 'app', { requestsPerMinute: 40 });
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        callHttp(`${index % 2 === 0 ? gateway.url : other.url}/v1/text`, {
          key: limited,
          body: { request_type: 'summary', prompt: 'counted' },
        }),
      ),
    );
    const served = answers.filter((answer) => answer.status === 200).length;
    expect(served).toBeGreaterThan(0);
    // Twice when the minute turns in the middle.
    expect(served).toBeLessThanOrEqual(80);
    const refused = answers.find((answer) => answer.status === 429);
    expect(refused?.body['code']).toBe('QUEUE_FULL');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
