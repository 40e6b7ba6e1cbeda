import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createAiCore } from '@ai-core/producer';
import { openQueue } from '@ai-core/queue';
import { openDatabase, openObjects } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { layWire, type Wire } from '../crash-lab/wire.ts';

const STATEMENT = { name: 'one', text: 'select 1 as one' };
const MOST_MS = 10_000;
const ignore = () => undefined;

/** @returns how long it took to fail, in milliseconds */
async function timeToFail(work: Promise<unknown>): Promise<number> {
  const since = performance.now();
  await expect(work).rejects.toThrow(/./);
  return performance.now() - since;
}

/** A server that takes connections and never says anything, as a host behind a dead network that still completes handshakes. */
describe('a service that accepts and never answers', () => {
  let hole: Server;
  let address: string;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    hole = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', ignore);
      socket.resume();
    });
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(hole.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    hole.close();
  });

  it.concurrent('as Postgres: a statement is given up as STORE_UNAVAILABLE', async () => {
    const database = openDatabase({ url: `postgres://nobody@${address}/nothing`, onError: ignore });
    const since = performance.now();
    await expect(database.query(STATEMENT)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - since).toBeLessThan(MOST_MS);
    await database.close();
  });

  it.concurrent('as Redis: the queue opens, and a dispatch, a look and a message are given up', async () => {
    const since = performance.now();
    const queue = await openQueue({ databaseUrl: '', redisUrl: `redis://${address}`, onError: ignore });
    expect(performance.now() - since).toBeLessThan(MOST_MS);
    const dispatch = {
      jobId: 'a',
      generation: '1',
      kind: 'text' as const,
      promptHash: 'b',
      requestType: 'quiz',
      queue: 'text-openai',
      priority: 0,
      delayMs: 0,
    };
    const times = await Promise.all([
      timeToFail(queue.dispatch([dispatch])),
      timeToFail(queue.listMissing([dispatch])),
      timeToFail(queue.pauseFor('text-openai', 1_000)),
      timeToFail(queue.readEpoch()),
      timeToFail(queue.messages.publish([{ topic: 'x', text: 'y' }])),
    ]);
    expect(Math.max(...times)).toBeLessThan(MOST_MS);
    await queue.close();
  });

  it.concurrent('as the object store: a look and a write are given up', async () => {
    const objects = openObjects({ ...inject('s3'), endpoint: `http://${address}` });
    const times = await Promise.all([timeToFail(objects.ping()), timeToFail(objects.head('a'))]);
    expect(Math.max(...times)).toBeLessThan(MOST_MS);
    objects.close();
  });

  it.concurrent('as Postgres behind a producer: a request is refused by name', async () => {
    const aiCore = await createAiCore({
      databaseUrl: `postgres://nobody@${address}/nothing`,
      redisUrl: inject('redisUrl'),
      onError: ignore,
    });
    const since = performance.now();
    await expect(aiCore.enqueueText({ requestType: 'quiz', prompt: 'anybody there?' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(performance.now() - since).toBeLessThan(MOST_MS);
    await aiCore.close();
  });
});

describe('a network that dies under a connection and heals', () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await layWire(Number(new URL(inject('databaseUrl')).port));
  });
  afterAll(() => wire.stop());

  it('fails a statement within its time, and the next one afterwards is answered', async () => {
    const url = new URL(inject('databaseUrl'));
    url.hostname = '127.0.0.1';
    url.port = String(wire.port);
    const database = openDatabase({ url: url.href, maxConnections: 2, onError: ignore });
    await Promise.all([database.query(STATEMENT), database.query(STATEMENT)]);
    const lost = wire.loseReplies(0, 1_000);
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(() => database.query(STATEMENT)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await lost;
    await expect.poll(() => database.query(STATEMENT).then((rows) => rows.length, ignore), { timeout: 5_000 }).toBe(1);
    await database.close();
  });
});
