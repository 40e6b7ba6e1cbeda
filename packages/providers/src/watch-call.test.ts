import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { watchCall } from './watch-call.ts';

const LONG = { connect: 5_000, firstByte: 5_000, idle: 5_000, total: 10_000 };
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

const NEVER = new AbortController().signal;

/** A server whose thread sleeps for good after listen(): the kernel completes a few connections, then drops the rest. */
async function fullServer(): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require('node:net'); const { parentPort } = require('node:worker_threads');
     const server = createServer(); server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 20);
     });`,
    { eval: true },
  );
  cleanUps.push(() => worker.terminate());
  const [port] = (await once(worker, 'message')) as [number];
  await new Promise((resolve) => setTimeout(resolve, 100));
  const fillers: Socket[] = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  cleanUps.push(() => fillers.forEach((socket) => socket.destroy()));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return port;
}

describe('watchCall', () => {
  it('gives up connecting after the connect timeout', async () => {
    const port = await fullServer();
    const watched = watchCall({ signal: NEVER, timeouts: { ...LONG, connect: 300 } });
    const failure = await watched.fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    watched.end();
    expect(failure).toMatchObject({ cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } });
    expect(watched.expired()).toBeUndefined();
  });

  it('follows no redirect, so that no key is carried to another host', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end('moved');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => server.close());
    const watched = watchCall({ signal: NEVER, timeouts: LONG });
    await watched.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    watched.end();
    expect(watched.refusal()).toMatchObject({ status: 302, body: 'moved' });
    expect(seen).toEqual(['/']);
  });

  it('knows how far the call has come', async () => {
    const server = createServer((_request, response) => void response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => server.close());
    const watched = watchCall({ signal: NEVER, timeouts: LONG });
    expect(watched.phase()).toBe('ready');
    const answering = watched.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(watched.phase()).toBe('sent');
    const response = await answering;
    expect(watched.phase()).toBe('answering');
    expect(await response.text()).toBe('hello');
    expect(watched.phase()).toBe('complete');
    watched.end();
  });

  it('stops reading an answer that is larger than any should be', async () => {
    const server = createServer((_request, response) => void response.end(Buffer.alloc(100_000)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => server.close());
    const watched = watchCall({ signal: NEVER, timeouts: LONG, largestBytes: 50_000 });
    const response = await watched.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect(response.arrayBuffer()).rejects.toThrow('larger than 50000 bytes');
    watched.end();
  });
});
