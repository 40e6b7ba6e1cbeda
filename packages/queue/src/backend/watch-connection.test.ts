import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchConnection } from './watch-connection.ts';

const LOOK_EVERY_MS = 50;

describe('a watched connection', () => {
  let server: Server;
  let connection: Redis;
  let endWatch: () => void;
  /** What the server has taken; it answers everything on a socket that is not among the dumb ones. */
  const sockets: Socket[] = [];
  const dumb = new Set<Socket>();
  let answers = 0;

  beforeEach(async () => {
    answers = 0;
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        if (dumb.has(socket)) return;
        answers += 1;
        // One reply for each command, which begins with the number of its words.
        socket.write('+OK\r\n'.repeat(bytes.toString().match(/^\*\d+/gm)?.length ?? 0));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    connection = new Redis({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', enableReadyCheck: false });
    connection.on('error', () => undefined);
    endWatch = watchConnection(connection, LOOK_EVERY_MS);
    await once(connection, 'ready');
  });
  afterEach(() => {
    endWatch();
    connection.disconnect();
    for (const socket of sockets.splice(0)) socket.destroy();
    dumb.clear();
    server.close();
  });

  it('is left alone as long as it answers', async () => {
    await expect.poll(() => answers, { timeout: 30_000 }).toBeGreaterThan(10);
    expect(sockets).toHaveLength(1);
  });

  it('is replaced when it is open and says nothing, and the new one is used', async () => {
    const [first] = sockets;
    if (first === undefined) throw new Error('there is no connection');
    dumb.add(first);
    await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(1);
    expect(await connection.set('key', 'value')).toBe('OK');
  });
});
