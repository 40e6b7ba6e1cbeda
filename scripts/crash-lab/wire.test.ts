import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { layWire, type Wire } from './wire.ts';

describe('a wire that can be cut', () => {
  const heard: string[] = [];
  let wire: Wire | undefined;
  /** Answers every word with the same in capitals. */
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (word: string) => {
      heard.push(word);
      socket.write(word.toUpperCase());
    });
    socket.on('error', () => undefined);
  });
  afterEach(async () => {
    await wire?.stop();
    server.close();
  });

  function call(): Socket {
    return connect({ port: wire?.port ?? 0, host: '127.0.0.1' }).setEncoding('utf8');
  }

  it('lets the request through, loses the reply and breaks the line; other lines and later calls go on', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    wire = await layWire((server.address() as AddressInfo).port);
    const client = call();
    client.write('before');
    expect(await once(client, 'data')).toEqual(['BEFORE']);

    const spared = call();
    spared.write('beside');
    expect(await once(spared, 'data')).toEqual(['BESIDE']);

    const replies: string[] = [];
    client.on('data', (reply: string) => replies.push(reply));
    const lost = wire.loseReplies(0, 200);
    client.write('during');
    const later = call();
    later.write('meanwhile');
    expect(await once(later, 'data')).toEqual(['MEANWHILE']);
    await Promise.all([lost, once(client, 'close')]);
    expect(heard).toEqual(['before', 'beside', 'during', 'meanwhile']);
    expect(replies).toEqual([]);

    for (const living of [spared, later]) {
      living.write('after');
      expect(await once(living, 'data')).toEqual(['AFTER']);
      living.destroy();
    }
  });
});
