import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askRedis } from './ask-redis.ts';
import { callInChild } from './call-in-child.ts';
import { findRedis } from './find-redis.ts';
import { findFreePort, holdPort } from './free-port.ts';
import { isAlive } from './process-alive.ts';
import { startRedis, type Redis } from './start-redis.ts';

const GONE_WITHIN = { timeout: 10_000, interval: 10 };
const leftOut = inject('redisUrl') === '';
let home: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ai-core-redis-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Sends one inline command. @returns the first answer */
function tell(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.setEncoding('utf8').once('error', reject);
    socket.once('data', (text: string) => {
      socket.destroy();
      resolve(text);
    });
  });
}

// Left out only by AI_CORE_TEST_WITHOUT=redis, which the test run says at its end.
describe.skipIf(leftOut)('a Redis of this machine', () => {
  it('is started in memory, keeps every key, and is gone after stop', async () => {
    const redis = await findRedis();
    expect(redis?.version).toMatch(/^\d+\.\d+\.\d+$/);
    const port = Number(new URL(redis?.url ?? '').port);
    expect(await tell(port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
    expect(await tell(port, 'CONFIG GET appendonly')).toContain('no');
    expect(await tell(port, 'CONFIG GET save')).toContain('$0');
    await redis?.stop();
    await expect(tell(port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends when the process that started it is killed', async () => {
    const child = await callInChild<Redis>({ module: new URL('./start-redis.ts', import.meta.url), name: 'startRedis', argument: {} });
    expect(await tell(child.result.port, 'PING')).toBe('+PONG\r\n');
    await child.kill('SIGKILL');
    await expect.poll(() => isAlive(child.result.pid), GONE_WITHIN).toBe(false);
  });

  it('comes back on the same port with what it was told to keep, after a kill', async () => {
    const options = { port: await findFreePort(), folder: path.join(home, 'kept'), appendFsync: 'always' } as const;
    const first = await startRedis(options);
    expect(await tell(first.port, 'SET word kept')).toBe('+OK\r\n');
    process.kill(first.pid, 'SIGKILL');
    await expect.poll(() => isAlive(first.pid), GONE_WITHIN).toBe(false);
    const second = await startRedis(options);
    expect(second.port).toBe(first.port);
    expect(await tell(second.port, 'GET word')).toContain('kept');
    await first.stop();
    await second.stop();
  });

  it('says in its own words why it does not start', async () => {
    const held = await holdPort();
    await expect(startRedis({ port: held.port })).rejects.toThrow(new RegExp(`did not start on port ${held.port}:[\\s\\S]*${held.port}`));
    await held.release();
  });

  it('is not started when another one is given', async () => {
    const given = await startRedis();
    const found = await findRedis({ url: given.url, folders: [] });
    expect(found).toMatchObject({ url: given.url, version: given.version });
    await found?.stop();
    expect(await tell(given.port, 'PING')).toBe('+PONG\r\n');
    await given.stop();
  });

  it('is asked with the password of its address, which no error repeats', async () => {
    const redis = await startRedis();
    await tell(redis.port, 'CONFIG SET requirepass s3cret');
    expect(await askRedis(`redis://:s3cret@127.0.0.1:${redis.port}`)).toMatchObject({ version: redis.version, pid: redis.pid });
    const refused = await askRedis(`redis://:wr0ng@127.0.0.1:${redis.port}`).catch(String);
    expect(refused).toContain('WRONGPASS');
    expect(refused).not.toContain('wr0ng');
    await redis.stop();
  });
});

describe('without a Redis', () => {
  it('finds undefined where there is no program', async () => {
    expect(await findRedis({ folders: [home] })).toBeUndefined();
  });

  it('says that the given one does not answer', async () => {
    const port = await findFreePort();
    await expect(findRedis({ url: `redis://127.0.0.1:${port}` })).rejects.toThrow(`Redis at 127.0.0.1:${port} does not answer`);
  });

  it('says that the given one is something else', async () => {
    const server = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    await expect(findRedis({ url: `redis://127.0.0.1:${port}` })).rejects.toThrow('does not speak the Redis protocol');
    server.close();
  });

  it('refuses an address that is none', async () => {
    await expect(findRedis({ url: 'localhost:6379' })).rejects.toThrow('must look like redis://host:6379');
  });
});
