import { once } from 'node:events';
import { connect } from 'node:net';
import type { Gateway } from '@ai-core/gateway';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { guessedScopes } from './guessed-scopes.ts';
import { callHttp } from './http-client.ts';

/** A gateway answers a strange request at once or closes the connection; what takes longer hangs. */
const NO_HANG_MS = 5_000;
const BODY = JSON.stringify({ request_type: 'summary', prompt: 'Fuzz', wait_s: 0 });

/**
 * Sends bytes as they are and reads until the connection ends, or for as long as an answer may take.
 * @param last leaves: the client closes its side at once, and a server may then not answer any more; stays: the server has to close
 */
async function sendRaw(gateway: Gateway, bytes: string | Buffer, last: 'leaves' | 'stays' = 'leaves'): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => undefined);
  const ended = Promise.race([
    once(socket, 'close'),
    new Promise((_, reject) => setTimeout(() => reject(new Error(`no answer within ${NO_HANG_MS} ms`)), NO_HANG_MS).unref()),
  ]);
  socket.write(bytes);
  if (last === 'leaves') socket.end();
  await ended;
  return answer;
}

function statusOf(answer: string): number | undefined {
  const match = /^HTTP\/1\.1 (\d{3})/.exec(answer);
  return match === null ? undefined : Number(match[1]);
}

describe('a hostile client', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let key: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('fuzz');
  });
  afterAll(() => fleet.stop());

  /** Never a failure of ours, never the text of a stack. */
  function expectCalm(answer: string, what: string): void {
    const status = statusOf(answer);
    expect(status === undefined || status < 500, `${what} was answered ${status}`).toBe(true);
    expect(answer, what).not.toMatch(/\n\s+at |node_modules|\.ts:\d/);
  }

  const request = (head: readonly string[], body: string | Buffer = BODY, start = 'POST /v1/text HTTP/1.1'): Buffer =>
    Buffer.concat([
      Buffer.from(
        [start, `Authorization: Bearer ${key}`, 'Connection: close', ...head, `Content-Length: ${Buffer.byteLength(body)}`, '', ''].join(
          '\r\n',
        ),
        'latin1',
      ),
      Buffer.from(body),
    ]);

  it.each([
    'text/plain',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/json, text/plain',
    'application/problem+json',
    'APPLICATION/JSON;;;;',
    '*/*',
    '/',
    ';',
    'a'.repeat(4_000),
    'application/jsonx',
    'application/x-ndjson',
    '',
  ])('with the content type "%.40s" is refused or understood', async (type) => {
    expectCalm(await sendRaw(gateway, request(['Host: localhost', `Content-Type: ${type}`])), type);
  });

  it.each([
    [],
    ['Host: '],
    ['Host: evil.example.org'],
    ['Host: a', 'Host: b'],
    ['Host: localhost:99999'],
    ['Host: [::1'],
    ['Host: user@host'],
    ['Host: ../../etc/passwd'],
    [`Host: ${'x'.repeat(3_000)}`],
    ['Host: \xff\xfe'],
  ])('with the Host lines %j never reaches further', async (...hosts) => {
    const answer = await sendRaw(gateway, request([...hosts.flat(), 'Content-Type: application/json']));
    expectCalm(answer, hosts.join());
    expect(answer).not.toMatch(/evil\.example\.org|etc\/passwd/);
  });

  it.each([
    ['Authorization: Bearer', 'a second one'],
    ['Idempotency-Key: \x01'],
    ['Idempotency-Key: a', 'Idempotency-Key: b'],
    [`Idempotency-Key: ${'k'.repeat(300)}`],
    [`X-Request-Id: ${'r'.repeat(2_000)}`],
    ['X-Request-Id: <script>'],
    ['Transfer-Encoding: chunked'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Content-Length: 5'],
    ['Content-Length: -1'],
    ['Content-Encoding: gzip'],
    ['Expect: 100-continue'],
    ['Expect: nonsense'],
    ['Upgrade: websocket'],
    ['Range: bytes=9999999999999999999-1'],
    [': no name'],
    ['Bad Header: x'],
    ['X-Ai-Core-Scope: \xff'],
    [`X-Long: ${'y'.repeat(20_000)}`],
    ['Cookie: a=b; c'],
    [' folded: header'],
  ])('with the header %j gets a calm answer', async (...headers) => {
    expectCalm(await sendRaw(gateway, request(['Host: localhost', 'Content-Type: application/json', ...headers])), headers.join());
  });

  it.each([
    'GET /v1/text HTTP/1.1',
    'POST /v1/text HTTP/9.9',
    'POST  /v1/text HTTP/1.1',
    'POST /%00 HTTP/1.1',
    'POST /%zz HTTP/1.1',
    'POST /v1/../../etc/passwd HTTP/1.1',
    'GET /v1/jobs/%2e%2e%2f HTTP/1.1',
    'GET /v1/jobs/not-an-id HTTP/1.1',
    `GET /v1/jobs/${'a'.repeat(5_000)} HTTP/1.1`,
    'GET /v1/usage?days[]=1&days[]=2 HTTP/1.1',
    'GET /v1/usage?__proto__[x]=1 HTTP/1.1',
    'GET /docs/..%2fpackage.json HTTP/1.1',
    'TRACE /v1/text HTTP/1.1',
    'CONNECT x:1 HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'NONSENSE',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  ])('with the first line "%.40s" gets a calm answer', async (start) => {
    expectCalm(await sendRaw(gateway, request(['Host: localhost', 'Content-Type: application/json'], BODY, start)), start);
  });

  it.each([
    ['', 400],
    ['{', 400],
    ['null', 400],
    ['[]', 400],
    ['"text"', 400],
    ['{"a":1,}', 400],
    ['{"request_type":"a","prompt":"b","__proto__":{"x":1}}', 400],
    ['{"request_type":"a","prompt":"b","constructor":{"prototype":{}}}', 400],
    ['{"request_type":"a","prompt":"\\u0000"}', 400],
    ['{"request_type":"a","prompt":"\\ud800"}', 400],
    ['{"request_type":"a","prompt":"b","options":{"x":1e999}}', 400],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400],
    [`{"request_type":"a","prompt":"b","options":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 400],
    [`{"request_type":"a","prompt":"${'x'.repeat(1_100_000)}"}`, 413],
    [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['\ufeff{"request_type":"a","prompt":"b"}', 400],
  ])('with the body %.60s is refused', async (body, status) => {
    const answer = await sendRaw(gateway, request(['Host: localhost', 'Content-Type: application/json'], body), 'stays');
    expectCalm(answer, 'body');
    expect(statusOf(answer)).toBe(status);
    expect(answer).toContain('application/problem+json');
  });

  it.each(['/v1/text', '/v1/audio', '/v1/chat/completions', '/v1/audio/speech', '/v1/memory/01a20e55-990a-71aa-bc7a-51697a2dbe92/rating'])(
    'never brings %s to fail with any JSON whatever',
    async (path) => {
      const names = [
        'request_type',
        'prompt',
        'text',
        'language',
        'options',
        'model',
        'messages',
        'input',
        'user_id',
        'rating',
        'scope',
        'stream',
      ];
      const body = fc.oneof(
        fc.json(),
        fc
          .dictionary(fc.constantFrom(...names), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })))
          .map((value) => JSON.stringify(value)),
      );
      await fc.assert(
        fc.asyncProperty(body, async (text) => {
          const answer = await callHttp(`${gateway.url}${path}`, { key, body: text, headers: { 'x-ai-core-wait-s': '1' } });
          // Speech has no engine here, which is no failure of ours to answer.
          if (answer.status !== 503) expect(answer.status).toBeLessThan(500);
          expect(answer.text).not.toMatch(/\n\s+at |node_modules/);
        }),
        { numRuns: 30, seed: 7 },
      );
    },
  );

  it('finds nothing in scopes that are not its own, guessed three hundred ways', async () => {
    await callHttp(`${gateway.url}/v1/text`, { key, body: { request_type: 'summary', prompt: 'Secret of scope one', scope: 'user:1' } });
    const probe = await fleet.makeKey('prober', 'app', { scopes: ['user:2*'] });
    const bought = fleet.simulator.bill().length;
    await fc.assert(
      fc.asyncProperty(guessedScopes, async (guess) => {
        const answer = await callHttp(`${gateway.url}/v1/text`, {
          key: probe,
          body: { request_type: 'summary', prompt: 'Secret of scope one', scope: guess, cache: 'use', wait_s: 0 },
        });
        if (!guess.startsWith('user:2')) expect([400, 403]).toContain(answer.status);
        else if (answer.status === 200) expect(answer.body['cached']).toBe(true);
      }),
      { numRuns: 300, seed: 11 },
    );
    // Only the scopes that are the prober's own were bought anew.
    const { rows } = await fleet.database.pool.query<{ n: bigint }>(
      `select count(*) as n from ai_job where caller = 'prober' and scope not like 'user:2%'`,
    );
    expect(rows[0]?.n).toBe(0n);
    expect(fleet.simulator.bill().length - bought).toBeGreaterThanOrEqual(0);
  });
});
