import { openQueue } from '@ai-core/queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { layWire, type Wire } from '../crash-lab/wire.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer } from './http-client.ts';

const ROLES = 'text-openai,text-claude';
const OPENAI = { provider: 'openai', model: 'gpt-6-luna' } as const;
const HEAL = { timeout: 30_000, interval: 200 };

describe('a worker that is asked how it is', () => {
  let fleet: Fleet;
  let door: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: ROLES, worker: { stuckAfterMs: 1_000, health: { host: '127.0.0.1', port: 0 } } });
    door = `http://127.0.0.1:${fleet.worker.healthPort}`;
  });
  afterAll(() => fleet.stop());
  const ask = (path: string): Promise<HttpAnswer> => callHttp(`${door}${path}`);

  it('is ready while nothing waits, and while it works', async () => {
    expect((await ask('/readyz')).body).toEqual({
      status: 'ok',
      ready: true,
      lease: 'ok',
      postgres: 'ok',
      queues: { 'text-openai': 'ok', 'text-claude': 'ok' },
    });
    await fleet.aiCore.generateText({ requestType: 'quiz', prompt: 'at work', ...OPENAI, timeoutMs: 20_000 });
    expect((await ask('/readyz')).status).toBe(200);
    expect((await ask('/healthz')).status).toBe(200);
    expect((await ask('/other')).status).toBe(404);
  });

  it('is not ready when work waits that does not reach it, is not to blame for a pause, and is ready again once it is given work', async () => {
    // Dispatched into a queue that this worker does not hear of, as when its connection is dead and looks alive.
    const elsewhere = await fleet.openAiCore({ redisPrefix: '{nobody-listens}' });
    const { jobId } = await elsewhere.enqueueText({ requestType: 'quiz', prompt: 'is anybody there?', ...OPENAI });
    await expect.poll(async () => (await ask('/readyz')).status, HEAL).toBe(503);
    expect((await ask('/readyz')).body).toMatchObject({ ready: false, queues: { 'text-openai': 'stuck', 'text-claude': 'ok' } });
    expect((await ask('/healthz')).status).toBe(503);

    const queue = await openQueue({
      databaseUrl: fleet.databaseUrl,
      redisUrl: fleet.redisUrl,
      redisPrefix: fleet.redisPrefix,
      onError: () => undefined,
    });
    await queue.pauseFor('text-openai', 8_000);
    expect((await ask('/readyz')).body).toMatchObject({ ready: true, queues: { 'text-openai': 'paused' } });
    await queue.close();

    // The sweeper of a maintenance process finds what the queue does not carry.
    await fleet.openWorker({ roles: 'maintenance', health: undefined });
    await expect.poll(async () => (await ask('/readyz')).body, HEAL).toMatchObject({ ready: true, queues: { 'text-openai': 'ok' } });
    expect((await fleet.aiCore.result(jobId ?? '', { timeoutMs: 20_000 })).text).not.toBe('');
  });
});

describe('a network to the ledger that dies and looks alive', () => {
  let fleet: Fleet;
  let wire: Wire;
  let doors: readonly string[];
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance' });
    wire = await layWire(Number(new URL(fleet.databaseUrl).port));
    const url = new URL(fleet.databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(wire.port);
    const worker = await fleet.openWorker({ databaseUrl: url.href, roles: ROLES, health: { host: '127.0.0.1', port: 0 } });
    const gateway = await fleet.openGateway({ databaseUrl: url.href });
    doors = [gateway.url, `http://127.0.0.1:${worker.healthPort}`];
  });
  afterAll(async () => {
    await fleet.stop();
    await wire.stop();
  });
  const statuses = () => Promise.all(doors.map(async (door) => (await callHttp(`${door}/readyz`)).status));

  it('makes gateway and worker unready, not dead, and ready again by itself once it heals', async () => {
    await expect.poll(statuses, HEAL).toEqual([200, 200]);
    const dark = wire.goDark(12_000);
    await expect.poll(statuses, HEAL).toEqual([503, 503]);
    // Starting them anew would not help.
    expect(await Promise.all(doors.map(async (door) => (await callHttp(`${door}/healthz`)).status))).toEqual([200, 200]);
    await dark;
    await expect.poll(statuses, HEAL).toEqual([200, 200]);
    await fleet.aiCore.generateText({ requestType: 'quiz', prompt: 'after the dark', ...OPENAI, timeoutMs: 30_000 });
  });
});
