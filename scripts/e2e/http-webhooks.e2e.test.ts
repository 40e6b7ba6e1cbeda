import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSealKey, formatMoney, parseSealKey, webhookSecret } from '@ai-core/core';
import type { Gateway } from '@ai-core/gateway';
import { setBudget } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer } from './http-client.ts';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('webhooks', () => {
  const sealKey = createSealKey();
  const received: Received[] = [];
  let fleet: Fleet;
  let gateway: Gateway;
  let receiver: Server;
  let base: string;
  let key: string;
  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body });
        const tries = received.filter((one) => one.path === request.url).length;
        const status =
          request.url?.startsWith('/flaky') === true && tries === 1 ? 500 : request.url?.startsWith('/moved') === true ? 302 : 204;
        response.writeHead(status, status === 302 ? { location: `${base}/elsewhere` } : {}).end();
      });
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway({ sealKey, webhooks: { hosts: ['127.0.0.1', 'localhost'], allowPrivate: true } });
    key = await fleet.makeKey('hooked');
  });
  afterAll(async () => {
    await fleet.stop();
    receiver.closeAllConnections();
    receiver.close();
  });

  const ask = (body: object): Promise<HttpAnswer> =>
    callHttp(`${gateway.url}/v1/text`, { key, body: { request_type: 'summary', ...body } });
  const arrived = async (path: string, times = 1): Promise<Received> => {
    await expect.poll(() => received.filter((one) => one.path === path).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(times);
    return received.findLast((one) => one.path === path) as Received;
  };

  it('bring the answer with its personal data filled back, signed so that the backend can tell who sent it', async () => {
    const pending = await ask({ prompt: 'Repeat exactly: gina@example.org', wait_s: 0, webhook_url: `${base}/fresh` });
    expect(pending.status).toBe(202);
    const { headers, body } = await arrived('/fresh');
    const { type, data } = JSON.parse(body) as { type: string; data: { text: string; request_id: string } };
    expect([type, data.request_id]).toEqual(['request.answered', pending.body['request_id']]);
    expect(data.text).toContain('gina@example.org');
    const secret = webhookSecret(parseSealKey(sealKey), 'hooked').replace('whsec_', '');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
  });

  it('come for answers from memory too, each with the data of its own request', async () => {
    await ask({ prompt: 'Repeat exactly: hans@example.org' });
    const hit = await ask({ prompt: 'Repeat exactly: ines@example.org', webhook_url: `${base}/hit` });
    expect(hit.body['source']).toBe('memory');
    const { body } = await arrived('/hit');
    expect(body).toContain('ines@example.org');
    expect(body).not.toContain('hans@example.org');
    const { rows } = await fleet.database.pool.query<{ row: string }>('select to_jsonb(w)::text as row from ai_webhook_delivery w');
    for (const { row } of rows) expect(row).not.toMatch(/ines@|gina@/);
  });

  it('tell the operator when a budget has reached a threshold, once, signed with a secret of its own; metrics tell it without names', async () => {
    const alerts = { url: `${base}/alerts`, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` };
    const alerting = await fleet.openGateway({ sealKey, webhooks: { hosts: ['127.0.0.1'], allowPrivate: true }, alerts });
    const setting = { simulated: true, scope: 'caller', subject: 'hooked', period: 'month', onExceed: 'refuse', actor: 'test' } as const;
    const spent = await setBudget(fleet.database, { ...setting, limitNanoUsd: 10n ** 12n, alertPercents: [] });
    const limitNanoUsd = (spent?.spentNanoUsd ?? 0n) * 2n;
    expect(limitNanoUsd).toBeGreaterThan(0n);
    await setBudget(fleet.database, { ...setting, limitNanoUsd, alertPercents: [50, 80] });
    const { headers, body } = await arrived('/alerts');
    expect(JSON.parse(body)).toEqual({
      type: 'budget.threshold',
      data: expect.objectContaining({
        scope: 'caller',
        subject: 'hooked',
        period: 'month',
        simulated: true,
        percent: 50,
        limit_usd: formatMoney(limitNanoUsd),
      }),
    });
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const expected = createHmac('sha256', Buffer.alloc(24, 7)).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    await expect
      .poll(async () => (await fleet.database.pool.query(`select state from ai_webhook_delivery where alert is not null`)).rows)
      .toEqual([{ state: 'delivered' }]);
    const metrics = await callHttp(`${alerting.url}/metrics`, { key: await fleet.makeKey('watcher', 'admin') });
    expect(metrics.text).toContain('ai_core_budgets_alerted{scope="caller",period="month"} 1');
    expect(metrics.text).toMatch(/ai_core_budget_spent_ratio_max\{scope="caller",period="month"\} 0\.[5-9]/);
    expect(metrics.text).not.toContain('hooked');
    await setBudget(fleet.database, { ...setting, limitNanoUsd: null, alertPercents: [] });
  });

  it('tell of failures, are tried again, and follow no redirect', async () => {
    fleet.simulator.control().addFault({ fault: 'refusal', match: 'refuse for the hook' });
    await ask({ prompt: `refuse for the hook ${randomUUID()}`, wait_s: 0, webhook_url: `${base}/refused` });
    expect(JSON.parse((await arrived('/refused')).body)).toMatchObject({ type: 'request.failed', data: { code: 'PROVIDER_REFUSED' } });
    fleet.simulator.control().clearFaults();
    await ask({ prompt: `flaky ${randomUUID()}`, wait_s: 0, webhook_url: `${base}/flaky` });
    await ask({ prompt: `moved ${randomUUID()}`, wait_s: 0, webhook_url: `${base}/moved` });
    await arrived('/flaky', 2);
    await arrived('/moved');
    expect(received.some((one) => one.path === '/elsewhere')).toBe(false);
    await expect
      .poll(async () => (await fleet.database.pool.query(`select state from ai_webhook_delivery where url like '%/flaky'`)).rows)
      .toEqual([{ state: 'delivered' }]);
  });

  it('do not wait for a receiver that never answers, nor for a gateway that may send none', async () => {
    await fleet.openGateway();
    let ended = 0;
    let taken = 0;
    const silent = createServer((request) => {
      taken++;
      request.socket.once('close', () => ended++);
    });
    await once(silent.listen(0, 'localhost'), 'listening');
    const nowhere = `http://localhost:${(silent.address() as AddressInfo).port}`;
    // Answers from memory: their webhooks are due at once, and stand in the order of their promises.
    for (let n = 0; n < 60; n++) await ask({ prompt: 'Repeat exactly: hans@example.org', webhook_url: `${nowhere}/${n}` });
    for (let n = 0; n < 10; n++) await ask({ prompt: 'Repeat exactly: hans@example.org', webhook_url: `${base}/beside/${n}` });
    for (let n = 0; n < 10; n++) await arrived(`/beside/${n}`);
    expect(taken).toBeGreaterThan(0);
    expect(ended).toBeLessThan(60);
    const { rows } = await fleet.database.pool.query('select distinct attempts from ai_webhook_delivery where url like $1', ['%/beside/%']);
    expect(rows).toEqual([{ attempts: 1 }]);
    silent.closeAllConnections();
    silent.close();
  });

  it('are not counted as tried while the ledger does not answer, and come soon after it does', async () => {
    const { pool } = fleet.database;
    const client = await pool.connect();
    await client.query('begin; lock table ai_memory in access exclusive mode');
    await pool.query(
      `insert into ai_webhook_delivery (id, caller, memory_id, url)
       select gen_random_uuid(), caller, memory_id, $1 from ai_webhook_delivery where url like '%/hit'`,
      [`${base}/patient`],
    );
    const row = async () =>
      (
        await pool.query<{ attempts: number; state: string; postponed: boolean }>(
          `select attempts, state, updated_at > created_at as postponed from ai_webhook_delivery where url like '%/patient'`,
        )
      ).rows[0];
    await expect.poll(row, { timeout: 30_000 }).toEqual({ attempts: 0, state: 'pending', postponed: true });
    await client.query('rollback');
    client.release();
    await arrived('/patient');
    await expect.poll(row, { timeout: 30_000 }).toEqual({ attempts: 1, state: 'delivered', postponed: true });
  });

  it('go only where the operator lets them', async () => {
    const strict = await fleet.openGateway({ webhooks: { hosts: ['hooks.example.com', '127.0.0.1', '*.lan.example.net'] } });
    const status = async (url: string): Promise<number> =>
      (await callHttp(`${strict.url}/v1/text`, { key, body: { request_type: 'summary', prompt: 'Where to?', webhook_url: url } })).status;
    expect(await status('https://evil.example.org/')).toBe(403);
    expect(await status('https://hooks.example.com.evil.org/')).toBe(403);
    expect(await status('https://user:word@hooks.example.com/')).toBe(400);
    expect(await status(`${base}/plain`)).toBe(400);
    const off = await fleet.openGateway();
    const refused = await callHttp(`${off.url}/v1/text`, {
      key,
      body: { request_type: 'summary', prompt: 'x', webhook_url: 'https://a.example/' },
    });
    expect([refused.status, refused.body['code']]).toEqual([403, 'FORBIDDEN']);
  });
});
