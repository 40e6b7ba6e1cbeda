import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { openObjects } from './objects/s3.ts';
import type { ObjectsOptions } from './objects/s3-client.ts';
import { objectKey, type ObjectFacts, type Objects } from './objects.ts';

const prefix = `objects-test/${randomUUID()}/`;
const objects = open();
afterAll(() => objects.close());

function open(options: Partial<ObjectsOptions> = {}): Objects {
  return openObjects({ ...inject('s3'), ...options });
}

function facts(bytes: Uint8Array): ObjectFacts {
  return { contentType: 'audio/mpeg', sha256: createHash('sha256').update(bytes).digest('hex') };
}

function sample(bytes: number): { key: string; bytes: Buffer; facts: ObjectFacts } {
  const content = randomBytes(bytes);
  return { key: `${prefix}${randomUUID()}.mp3`, bytes: content, facts: facts(content) };
}

async function stored(count: number): Promise<ReturnType<typeof sample>> {
  const made = sample(count);
  await objects.put(made.key, made.bytes, made.facts);
  return made;
}

async function* inPieces(bytes: Buffer, size = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

/** Reads a link the way a reader does who knows the server by another name. */
async function readAs(host: string, link: string): Promise<Buffer> {
  const [response] = (await once(request(link, { headers: { host } }).end(), 'response')) as [IncomingMessage];
  return buffer(response);
}

/** A server that answers as a test wants. */
async function answering(listener: RequestListener): Promise<{ endpoint: string; calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((call, response) => {
    calls.push(`${call.method} ${call.headers['if-none-match'] ?? ''}`.trim());
    call.resume();
    listener(call, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

describe('an object store', () => {
  it('gives back what was put, with what is known of it', async () => {
    const { key, bytes, facts: known } = sample(50_000);
    expect(await objects.head(key)).toBeUndefined();
    expect(await objects.get(key)).toBeUndefined();
    expect(await objects.put(key, bytes, known)).toEqual({ created: true });
    expect(await objects.head(key)).toEqual({ bytes: 50_000, ...known, modifiedAt: expect.any(Date) });
    const opened = await objects.get(key);
    expect(opened).toMatchObject({ bytes: 50_000, totalBytes: 50_000, start: 0, contentType: 'audio/mpeg' });
    expect(opened && (await buffer(opened.stream)).equals(bytes)).toBe(true);
  });

  it('stores a stream of unknown length, small or in many parts', async () => {
    for (const size of [0, 10_000, 20_000_000]) {
      const { key, bytes, facts: known } = sample(size);
      expect(await objects.put(key, inPieces(bytes), known)).toEqual({ created: true });
      const opened = await objects.get(key);
      expect(opened && facts(await buffer(opened.stream))).toEqual(known);
      expect(await objects.put(key, inPieces(bytes), known)).toEqual({ created: false });
    }
  });

  it.for(['bytes', 'a stream', 'a large stream'] as const)('lets one of many writers of %s win and suits the others', async (form) => {
    const { key, bytes, facts: known } = sample(form === 'a large stream' ? 9_000_000 : 300_000);
    const writers = Array.from({ length: form === 'a large stream' ? 4 : 16 }, () => open());
    const outcomes = await Promise.all(writers.map((writer) => writer.put(key, form === 'bytes' ? bytes : inPieces(bytes), known)));
    for (const writer of writers) writer.close();
    expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
    const opened = await objects.get(key);
    expect(opened && (await buffer(opened.stream)).equals(bytes)).toBe(true);
  });

  it('never replaces an object', async () => {
    const { key, facts: known } = await stored(1_000);
    const other = sample(2_000);
    expect(await objects.put(key, other.bytes, other.facts)).toEqual({ created: false });
    expect(await objects.head(key)).toMatchObject({ bytes: 1_000, ...known });
  });

  it('stores nothing whose hash is another one than was said', async () => {
    const { key, bytes, facts: known } = sample(9_000_000);
    const wrong = { ...known, sha256: 'f'.repeat(64) };
    await expect(objects.put(key, bytes, wrong)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(objects.put(key, inPieces(bytes), wrong)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(objects.put(key, inPieces(bytes.subarray(0, 10)), known)).rejects.toThrow('SHA-256');
    expect(await objects.head(key)).toBeUndefined();
  });

  it('stores nothing of a stream that breaks, and passes its error on', async () => {
    const { key, bytes, facts: known } = sample(9_000_000);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* inPieces(bytes.subarray(0, 8_500_000));
      throw new Error('the part is gone');
    }
    await expect(objects.put(key, broken(), known)).rejects.toThrow(/^the part is gone$/);
    expect(await objects.head(key)).toBeUndefined();
  });

  it.for([
    [{ start: 0, end: 9 }, 0, 10],
    [{ start: 990 }, 990, 1_000],
    [{ start: 500, end: 5_000 }, 500, 1_000],
    [{ last: 3 }, 997, 1_000],
  ] as const)('reads the range %j', async ([range, from, to]) => {
    const { key, bytes } = await stored(1_000);
    const opened = await objects.get(key, range);
    expect(opened).toMatchObject({ start: from, bytes: to - from, totalBytes: 1_000 });
    expect(opened && (await buffer(opened.stream)).equals(bytes.subarray(from, to))).toBe(true);
  });

  it('refuses a range outside of the object', async () => {
    const { key } = await stored(10);
    await expect(objects.get(key, { start: 10 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('deletes, also what is not there', async () => {
    const { key } = await stored(10);
    await objects.delete(key);
    await objects.delete(key);
    expect(await objects.head(key)).toBeUndefined();
  });

  it('lists every key with a prefix, in order', async () => {
    const below = `${prefix}list/`;
    const one = Buffer.from('x');
    const keys = Array.from({ length: 12 }, (_, index) => `${below}${index + 10}`);
    await Promise.all(keys.toReversed().map((key) => objects.put(key, one, facts(one))));
    const listed = await Array.fromAsync(objects.list(below));
    expect(listed).toEqual(keys.map((key) => ({ key, bytes: 1, modifiedAt: expect.any(Date) })));
    expect(await Array.fromAsync(objects.list(`${below}15`))).toHaveLength(1);
    expect(await Array.fromAsync(objects.list(`${prefix}nothing/`))).toEqual([]);
  });

  it('lists on where a page of the store ends', async () => {
    const page = (keys: string[], next: string) =>
      `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>` +
      `${keys.map((key) => `<Contents><Key>${key}</Key><Size>7</Size></Contents>`).join('')}</ListBucketResult>`;
    const pages = new Map([
      [null, page(['a', 'b'], 'two')],
      ['two', page(['c'], 'three')],
      ['three', page(['d'], '')],
    ]);
    const { endpoint } = await answering((call, response) => {
      response.end(pages.get(new URL(call.url ?? '', 'http://store').searchParams.get('continuation-token')));
    });
    const listed = await Array.fromAsync(open({ endpoint }).list(''));
    expect(listed.map(({ key, bytes }) => `${key}${bytes}`)).toEqual(['a7', 'b7', 'c7', 'd7']);
  });

  it('makes links that anybody can read with ranges, until they expire', async () => {
    const { key, bytes } = await stored(1_000);
    const link = await objects.presign(key, { expiresS: 2 });
    const whole = await fetch(link);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await fetch(link, { headers: { range: 'bytes=10-19' } });
    expect([part.status, Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))]).toEqual([206, true]);
    expect((await fetch(`${link}0`)).status).toBe(403);
    expect((await fetch(link, { method: 'DELETE' })).status).toBe(403);
    await vi.waitUntil(async () => (await fetch(link)).status === 403, { timeout: 5_000, interval: 100 });
  });

  it('makes links for the endpoint that readers see', async () => {
    const { key, bytes } = await stored(10);
    const inside = new URL(inject('s3').endpoint);
    const publicEndpoint = `http://localhost:${inside.port}`;
    const outside = open({ publicEndpoint });
    for (const link of [await objects.presign(key, { expiresS: 60, publicEndpoint }), await outside.presign(key, { expiresS: 60 })]) {
      expect(new URL(link).origin).toBe(publicEndpoint);
      // The signature holds for that host and no other.
      expect((await fetch(link.replace('localhost', inside.hostname))).status).toBe(403);
      expect(await readAs(`localhost:${inside.port}`, link.replace('localhost', inside.hostname))).toEqual(bytes);
    }
    expect(new URL(await outside.presign(key, { expiresS: 60, publicEndpoint: 'https://cdn.example' })).host).toBe('cdn.example');
  });

  it.for([0, 901, 1.5, Number.NaN])('makes no link for %s seconds', async (expiresS) => {
    await expect(objects.presign('any', { expiresS })).rejects.toThrow(RangeError);
  });

  it('keeps any key apart from its neighbours', async () => {
    const hash = facts(Buffer.from('a')).sha256;
    for (const key of [objectKey({ simulated: true, sha256: hash }), `${prefix}a`, `${prefix}a/b`, `${prefix}日本 ?&#%2F.mp3`]) {
      const bytes = Buffer.from(key);
      await objects.put(key, bytes, facts(bytes));
      const opened = await objects.get(key);
      expect(opened && (await buffer(opened.stream)).toString()).toBe(key);
      expect((await fetch(await objects.presign(key, { expiresS: 60 }))).status).toBe(200);
      await objects.delete(key);
    }
  });
});

describe('an object store that cannot be used', () => {
  const unavailable = (reason: string) => ({ code: 'STORE_UNAVAILABLE', reason: expect.stringContaining(reason) });

  it('answers a ping when it can', async () => {
    await expect(objects.ping()).resolves.toBeUndefined();
  });

  it('says that the credentials are wrong, without them', async () => {
    const secretAccessKey = 'not-the-secret';
    const wrong = open({ secretAccessKey });
    const { bytes, key, facts: known } = sample(10);
    for (const call of [
      () => wrong.ping(),
      () => wrong.head(key),
      () => wrong.get(key),
      () => wrong.put(key, bytes, known),
      () => wrong.put(key, inPieces(bytes), known),
      () => wrong.delete(key),
    ]) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(unavailable('the object store refused the credentials'));
      expect(String(error)).not.toContain(secretAccessKey);
    }
    await expect(open({ accessKeyId: 'nobody' }).ping()).rejects.toMatchObject(unavailable('refused the credentials'));
  });

  it('says that there is no such bucket', async () => {
    const { bytes, key, facts: known } = sample(10);
    const lost = open({ bucket: 'no-such-bucket' });
    for (const call of [
      () => lost.ping(),
      () => lost.get(key),
      () => lost.put(key, bytes, known),
      () => lost.list('a')[Symbol.asyncIterator]().next(),
    ]) {
      await expect(call()).rejects.toMatchObject(unavailable('has no bucket "no-such-bucket"'));
    }
  });

  it('says that the server is away', async () => {
    const away = open({ endpoint: 'http://127.0.0.1:1' });
    const { bytes, key, facts: known } = sample(10);
    for (const call of [
      () => away.ping(),
      () => away.head(key),
      () => away.get(key),
      () => away.put(key, bytes, known),
      () => away.put(key, inPieces(bytes), known),
    ]) {
      await expect(call()).rejects.toMatchObject({
        ...unavailable('the object store cannot be reached (ECONNREFUSED)'),
        retryAfterMs: 1_000,
      });
    }
    await expect(away.presign(key, { expiresS: 60 })).resolves.toContain('127.0.0.1:1');
  });

  it('does not wait longer than its deadline for a server that is silent', async () => {
    const { endpoint } = await answering(() => undefined);
    const silent = open({ endpoint, deadlineMs: 300 });
    const { bytes, key, facts: known } = sample(10);
    for (const call of [() => silent.ping(), () => silent.get(key), () => silent.put(key, bytes, known)]) {
      const started = performance.now();
      await expect(call()).rejects.toMatchObject(unavailable('did not answer in time'));
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });

  it('does not wait longer than its deadline for the rest of an object, but for a slow reader', async () => {
    const { endpoint } = await answering((_, response) => void response.writeHead(200, { 'content-length': '100' }).write('half'));
    const stalled = await open({ endpoint, deadlineMs: 300 }).get('any');
    await expect(stalled && buffer(stalled.stream)).rejects.toMatchObject(unavailable('did not answer in time'));

    const { key, bytes } = await stored(3_000_000);
    const opened = await open({ deadlineMs: 100 }).get(key);
    const chunks: Buffer[] = [];
    for await (const chunk of opened?.stream ?? []) {
      chunks.push(chunk as Buffer);
      if (chunks.length === 1) await new Promise((resolve) => setTimeout(resolve, 400));
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('tells a broken body from a whole one', async () => {
    const { endpoint } = await answering((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => response.destroy());
    });
    const opened = await open({ endpoint }).get('any');
    await expect(opened && buffer(opened.stream)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('frees the connection of a stream that nobody reads', async () => {
    let closed = false;
    const { endpoint } = await answering((call, response) => {
      call.socket.once('close', () => (closed = true));
      response.writeHead(200, { 'content-length': '100' }).write('half');
    });
    const opened = await open({ endpoint }).get('any');
    opened?.stream.destroy();
    await vi.waitUntil(() => closed, { timeout: 5_000 });
  });

  it('tries again when the server is busy, and says so in the end', async () => {
    const busy = await answering((_, response) => void response.writeHead(503).end());
    await expect(open({ endpoint: busy.endpoint }).ping()).rejects.toMatchObject(unavailable('could not take the request just now'));
    expect(busy.calls).toHaveLength(3);
  });

  it('takes a conflict between two writers for success once the object is there', async () => {
    let isThere = false;
    const racing = await answering((call, response) => {
      if (call.method === 'HEAD') response.writeHead(isThere ? 200 : 404).end();
      else response.writeHead(409).end('<Error><Code>ConditionalRequestConflict</Code></Error>');
    });
    const { bytes, key, facts: known } = sample(10);
    const writer = open({ endpoint: racing.endpoint });
    await expect(writer.put(key, bytes, known)).rejects.toMatchObject(unavailable('just now (ConditionalRequestConflict'));
    isThere = true;
    expect(await writer.put(key, bytes, known)).toEqual({ created: false });
  });

  it('writes without a condition where the server knows none, after a look', async () => {
    const plain = await answering((call, response) => {
      if (call.method === 'HEAD') response.writeHead(404).end();
      else if (call.headers['if-none-match']) response.writeHead(501).end('<Error><Code>NotImplemented</Code></Error>');
      else response.writeHead(200).end();
    });
    const { bytes, key, facts: known } = sample(10);
    const foreign = open({ endpoint: plain.endpoint });
    expect(await foreign.put(key, bytes, known)).toEqual({ created: true });
    expect(plain.calls.slice(-2)).toEqual(['HEAD', 'PUT']);
    expect(await foreign.put(key, inPieces(bytes), known)).toEqual({ created: true });
    expect(plain.calls.slice(-2)).toEqual(['HEAD', 'PUT']);
  });
});
