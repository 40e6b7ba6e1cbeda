import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePort, holdPort } from './free-port.ts';

function listen(port: number): Promise<net.Server> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: net.Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

describe('ports', () => {
  it('holds a port so that nobody can listen there until it is released', async () => {
    const held = await holdPort();
    await expect(listen(held.port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await held.release();
    await close(await listen(held.port));
  });

  it('never gives the same port to two holders', async () => {
    const held = await Promise.all(Array.from({ length: 200 }, () => holdPort()));
    expect(new Set(held.map(({ port }) => port)).size).toBe(held.length);
    await Promise.all(held.map(({ release }) => release()));
  });

  it('finds ports that can be listened on, out of the way of outgoing connections', async () => {
    const port = await findFreePort();
    expect(port).toBeGreaterThanOrEqual(15_000);
    expect(port).toBeLessThan(32_768);
    await close(await listen(port));
  });

  it('says when the address is not one of this machine', async () => {
    await expect(holdPort('192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });
});
