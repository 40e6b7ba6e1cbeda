import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { startPostgres, startRedis, type Postgres, type Redis } from '@ai-core/embedded';
import { createAiCore, type AiCore } from '@ai-core/producer';
import { migrateQueue } from '@ai-core/queue';
import { startSimulator, type Simulator } from '@ai-core/simulator';
import { migrate, setUpProviders } from '@ai-core/store';
import { simulatedAccess, startWorker, type Worker } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestFolder } from '../test-services/test-folder.ts';
import { TEXT_ROLES } from './fleet.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Sets how much Redis may hold, in bytes; 0 is no limit. */
async function setRoom(port: number, bytes: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`CONFIG SET maxmemory ${bytes}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  expect(reply.toString()).toBe('+OK\r\n');
}

/** Services of this file's own, because it takes them away. */
describe('services that go away', () => {
  const folder = makeTestFolder();
  const redisFolder = makeTestFolder();
  let postgres: Postgres;
  let redis: Redis;
  let simulator: Simulator;
  let worker: Worker;
  let aiCore: AiCore;
  let question = 0;

  const ask = (timeoutMs: number) => aiCore.generateText({ requestType: 'quiz', prompt: `question ${question++}`, timeoutMs });
  async function askUntilAnswered(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await ask(5_000);
        return;
      } catch (error) {
        if (tries === 10) throw error;
      }
    }
  }

  beforeAll(async () => {
    [postgres, redis, simulator] = await Promise.all([
      startPostgres({ dir: path.join(folder, 'postgres'), fast: true }),
      startRedis({ folder: redisFolder }),
      startSimulator({ port: 0 }),
    ]);
    await migrate({ databaseUrl: postgres.url, also: migrateQueue });
    await setUpProviders({ databaseUrl: postgres.url, catalogue: 'current' });
    const connections = { databaseUrl: postgres.url, redisUrl: redis.url };
    worker = await startWorker({
      ...connections,
      roles: TEXT_ROLES,
      access: simulatedAccess(simulator.baseUrls),
      spoolFolder: path.join(folder, 'spool'),
      log: silent,
    });
    aiCore = await createAiCore({ ...connections, simulated: true });
    await ask(10_000);
  });
  afterAll(async () => {
    await aiCore.close();
    await worker.stop({ graceMs: 500 });
    await simulator.close();
    await redis.stop();
    await postgres.stop();
  });

  it('accepts requests while Redis is away and says RESULT_NOT_READY at the deadline; the work is done when Redis is back', async () => {
    const { port } = redis;
    await redis.stop();
    const start = performance.now();
    const error = await ask(2_500).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'RESULT_NOT_READY' });
    expect(performance.now() - start).toBeLessThan(4_500);
    redis = await startRedis({ port, folder: redisFolder });
    const { jobId } = error as { jobId: string };
    const answer = await aiCore.result(jobId, { timeoutMs: 25_000 });
    expect(answer.text.length).toBeGreaterThan(0);
    await askUntilAnswered();
  });

  it('answers from memory while Redis is away', async () => {
    const remembered = { requestType: 'quiz', prompt: 'remembered before', timeoutMs: 10_000 };
    await aiCore.generateText(remembered);
    const { port } = redis;
    await redis.stop();
    const answer = await aiCore.generateText({ ...remembered, timeoutMs: 2_000 });
    expect(answer.source).toBe('memory');
    redis = await startRedis({ port, folder: redisFolder });
    await askUntilAnswered();
  });

  it('accepts requests while Redis is full, and does the work once it has room', async () => {
    await setRoom(redis.port, 1);
    const { jobId, outcome } = await aiCore.enqueueText({ requestType: 'quiz', prompt: 'accepted while full' });
    expect(outcome).toBe('created');
    await expect(aiCore.result(jobId ?? '', { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'RESULT_NOT_READY' });
    await setRoom(redis.port, 0);
    expect((await aiCore.result(jobId ?? '', { timeoutMs: 25_000 })).text.length).toBeGreaterThan(0);
  });

  it('refuses with STORE_UNAVAILABLE within the deadline while Postgres is away, and goes on by itself when it is back', async () => {
    await postgres.stop();
    const start = performance.now();
    await expect(ask(4_000)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - start).toBeLessThan(6_000);
    const again = await startPostgres({ dir: path.join(folder, 'postgres'), fast: true, port: postgres.port });
    postgres = again;
    await askUntilAnswered();
  });
});
