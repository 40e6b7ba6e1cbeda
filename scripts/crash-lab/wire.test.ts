import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layWire, type Wire } from './wire.ts';

describe('a wire between a client and a server', () => {
  const heard: string[] = [];
  let wire: Wire;
  const clients: Socket[] = [];
  /** Answers every word with the same in capitals. */
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (word: string) => {
      heard.push(word);
      socket.write(word.toUpperCase());
    });
    socket.on('error', () => undefined);
  });
  beforeEach(async () => {
    heard.length = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    wire = await layWire((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await wire.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  function call(): Socket {
    const client = connect({ port: wire.port, host: '127.0.0.1' }).setEncoding('utf8');
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  async function talk(client: Socket, word: string): Promise<void> {
    client.write(word);
    expect(await once(client, 'data')).toEqual([word.toUpperCase()]);
  }

  it('lets the request through, loses the reply and breaks the line; other lines and later calls go on', async () => {
    const client = call();
    await talk(client, 'before');
    const spared = call();
    await talk(spared, 'beside');

    const replies: string[] = [];
    client.on('data', (reply: string) => replies.push(reply));
    const lost = wire.loseReplies(0, 200);
    client.write('during');
    const later = call();
    await talk(later, 'meanwhile');
    await Promise.all([lost, once(client, 'close')]);
    expect(heard).toEqual(['before', 'beside', 'during', 'meanwhile']);
    expect(replies).toEqual([]);

    for (const living of [spared, later]) await talk(living, 'after');
  });

  it('is silent while it is dark, for old and new lines, and delivers afterwards what was sent', async () => {
    const old = call();
    await talk(old, 'before');
    const replies: string[] = [];
    let isOver = false;
    const dark = wire.goDark(300).then(() => (isOver = true));
    const fresh = call();
    await once(fresh, 'connect');
    for (const client of [old, fresh]) client.on('data', (reply: string) => replies.push(`${reply} ${isOver}`));
    old.write('old');
    fresh.write('fresh');
    await dark;
    await expect.poll(() => replies.toSorted(), { timeout: 10_000 }).toEqual(['FRESH true', 'OLD true']);
  });

  it('delivers what a client sent in the dark although the client has given up, and then ends its line', async () => {
    const client = call();
    await talk(client, 'before');
    const dark = wire.goDark(1_500);
    client.write('last words');
    await new Promise<void>((resolve) => client.write(' of it', () => resolve()));
    client.destroy();
    expect(heard).toEqual(['before']);
    await dark;
    await expect.poll(() => heard.join('|'), { timeout: 10_000 }).toMatch(/^before\|last words\|? of it$/);
    const connections = (): Promise<number> => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    await expect.poll(connections, { timeout: 10_000 }).toBe(0);
  });

  it('delivers late and in order while it is slow, and at once afterwards', async () => {
    const client = call();
    await talk(client, 'before');
    const slow = wire.slowDown(150, 2_000);
    const startedAt = performance.now();
    await talk(client, 'first');
    // Both directions.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
    client.write('second ');
    client.write('third');
    await slow;
    await expect.poll(() => heard.join(''), { timeout: 10_000 }).toBe('beforefirstsecond third');
    await talk(client, 'after');
  });

  it('resets every line when it is cut, and serves new ones', async () => {
    const [one, other] = [call(), call()];
    await talk(one, 'one');
    await talk(other, 'other');
    const broken = [one, other].map(async (client) => {
      const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
      return error.code;
    });
    wire.cut();
    expect(await Promise.all(broken)).toEqual(['ECONNRESET', 'ECONNRESET']);
    await talk(call(), 'again');
  });
});
