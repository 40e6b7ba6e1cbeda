import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Gateway } from '@ai-core/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

const MEGABYTE = 1024 * 1024;
const BODY = { request_type: 'summary', prompt: 'A lesson on rivers', wait_s: 20 };

describe('the door', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let key: string;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('limits');
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await fleet.stop();
  });

  const ask = (headers: Readonly<Record<string, string>> = {}, body: unknown = BODY) =>
    callHttp(`${gateway.url}/v1/text`, { key, body, headers });
  async function jobs(): Promise<number> {
    const { rows } = await fleet.database.pool.query<{ n: bigint }>('select count(*) as n from ai_job');
    return Number(rows[0]?.n);
  }

  /** Begins a request whose body is sent by hand. */
  async function begin(...head: readonly string[]): Promise<Socket> {
    const socket = connect(gateway.port, '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write([`POST /v1/text HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${key}`, ...head, '', ''].join('\r\n'));
    return socket;
  }

  it('counts a body of unknown length while it comes, and refuses it with 413 long before its end', async () => {
    const socket = await begin('Content-Type: application/json', 'Transfer-Encoding: chunked');
    let answer = '';
    socket.on('data', (piece: Buffer) => (answer += piece.toString('latin1')));
    const closed = once(socket, 'close');
    const piece = 'x'.repeat(MEGABYTE / 16);
    let sent = 0;
    for (; sent < 50 && !socket.destroyed && answer === ''; sent++) {
      socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(50);
  });

  it('refuses a body by its announced length without waiting for it', async () => {
    const socket = await begin('Content-Type: application/json', `Content-Length: ${50 * MEGABYTE}`);
    const [piece] = (await once(socket, 'data')) as [Buffer];
    expect(piece.toString('latin1')).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('unpacks nothing: a compressed body is no JSON', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MEGABYTE, 0x20));
    const socket = await begin('Content-Type: application/json', 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`);
    socket.write(bomb);
    const [piece] = (await once(socket, 'data')) as [Buffer];
    expect(piece.toString('latin1')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('answers everybody else while hundreds of clients send a byte now and then', async () => {
    const slow = await Promise.all(Array.from({ length: 300 }, () => begin('Content-Type: application/json', 'Content-Length: 1000')));
    for (const socket of slow) socket.write('{');
    const answer = await ask();
    expect(answer.status).toBe(200);
    for (const socket of slow) socket.write(' ');
    expect((await ask()).body['cached']).toBe(true);
    for (const socket of slow) socket.destroy();
  });

  it.each(['text/plain', 'application/jsonx', 'application/json, text/plain', 'text/json', 'application/x-www-form-urlencoded'])(
    'takes no body of the type %s for JSON, and checks nothing less for it',
    async (type) => {
      const before = await jobs();
      const answer = await ask({ 'content-type': type }, { ...BODY, prompt: `as ${type}` });
      expect([answer.status, answer.body['code']]).toEqual([400, 'REQUEST_INVALID']);
      expect(await jobs()).toBe(before);
    },
  );

  it('takes an Idempotency-Key of up to 255 characters and refuses a longer one', async () => {
    expect((await ask({ 'idempotency-key': 'k'.repeat(255) })).status).toBe(200);
    const answer = await ask({ 'idempotency-key': 'k'.repeat(256) });
    expect([answer.status, answer.body['code']]).toEqual([400, 'REQUEST_INVALID']);
  });

  it.each([
    'Bearer',
    'Bearer ',
    "Bearer ' OR '1'='1",
    `Bearer ${'x'.repeat(8_000)}`,
    'Basic YWRtaW46YWRtaW4=',
    'Bearer aic_\u00e9',
    'bearer null',
  ])('with the authorization %.30j is closed, in the same words for every stranger', async (authorization) => {
    const answer = await callHttp(`${gateway.url}/v1/text`, { body: BODY, headers: { authorization } });
    expect([answer.status, answer.body['code']]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.text).not.toContain(authorization.slice(7, 40).trim() || 'nothing was sent');
  });

  it('refuses headers that are larger than any of ours', async () => {
    const socket = await begin(`X-Long: ${'y'.repeat(64 * 1024)}`);
    const [piece] = (await once(socket, 'data')) as [Buffer];
    expect(piece.toString('latin1')).toMatch(/^HTTP\/1\.1 4(00|31) /);
  });
});
