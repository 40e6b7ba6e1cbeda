import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDevS3 } from './dev-s3.ts';
import { ACCESS_KEY, BUCKET, bytesOf, startTestServer, type TestServer } from './dev-s3/testing.ts';

const SOUND = Buffer.alloc(300_000, 'sound');
const AT = { Bucket: BUCKET, Key: 'dir/日本 +.mp3' };

let server: TestServer;
let client: S3Client;
beforeAll(async () => {
  server = await startTestServer();
  client = server.connect();
  await client.send(new PutObjectCommand({ ...AT, Body: SOUND, ContentType: 'audio/wav' }));
});
afterAll(() => server.close());

const filesOf = async (): Promise<string[]> => {
  const entries = await readdir(path.join(server.dir, 'objects'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
};

describe('a link to an object', () => {
  const headers = { ResponseContentType: 'audio/mpeg', ResponseContentDisposition: 'attachment; filename="x.mp3"' };
  const sign = (more: { expiresIn?: number; signingDate?: Date } = {}) =>
    getSignedUrl(client, new GetObjectCommand({ ...AT, ...headers }), { expiresIn: 60, ...more });

  test('gives whole and partial content to any web page, with the headers it names', async () => {
    const url = await sign();
    const whole = await fetch(url, { headers: { origin: 'http://localhost:3000' } });
    expect(whole.status).toBe(200);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-disposition': 'attachment; filename="x.mp3"',
      'access-control-allow-origin': '*',
    });
    expect(Buffer.from(await whole.arrayBuffer()).equals(SOUND)).toBe(true);
    const part = await fetch(url, { headers: { range: 'bytes=5-9' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 5-9/300000', 'sound']);
  });

  test('ends when it expires', async () => {
    expect((await fetch(await sign({ signingDate: new Date(Date.now() - 55_000) }))).status).toBe(200);
    const late = await fetch(await sign({ signingDate: new Date(Date.now() - 62_000) }));
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('<Message>Request has expired</Message>')]);
  });

  test('cannot be changed to last longer or name something else', async () => {
    const url = await sign();
    const changed = [
      url.replace('Expires=60', 'Expires=600'),
      url.replace('.mp3?', '.mp4?'),
      url.replace(/Signature=\w{4}/, 'Signature=0000'),
      url.replace('audio%2Fmpeg', 'text%2Fhtml'),
    ];
    for (const each of changed) {
      expect(each).not.toBe(url);
      expect((await fetch(each)).status).toBe(403);
    }
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
  });

  test('lets a browser upload, metadata and all, after it has asked', async () => {
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'uploaded', ContentType: 'audio/mpeg', Metadata: { from: 'link' } });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'http://page.example', 'access-control-request-headers': 'content-type' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type']);
    const put = await fetch(url, { method: 'PUT', body: SOUND, headers: { 'content-type': 'audio/mpeg' } });
    expect([put.status, await put.text()]).toEqual([200, '']);
    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'uploaded' }));
    expect(head).toMatchObject({ ContentLength: SOUND.length, ContentType: 'audio/mpeg', Metadata: { from: 'link' } });
  });
});

describe('who may not', () => {
  test('is refused without a signature, for everything', async () => {
    for (const [method, target] of [
      ['GET', `/${BUCKET}/x`],
      ['GET', '/'],
      ['PUT', `/${BUCKET}/x`],
      ['DELETE', `/${BUCKET}`],
    ] as const) {
      expect((await fetch(server.url + target, { method, ...(method === 'PUT' ? { body: 'x' } : {}) })).status).toBe(403);
    }
  });

  test('is refused with a wrong secret or an unknown key', async () => {
    const wrong = server.connect({ credentials: { ...ACCESS_KEY, secretAccessKey: 'guess' } });
    await expect(wrong.send(new ListObjectsV2Command({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(wrong.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'x', Body: SOUND }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    const unknown = server.connect({ credentials: { accessKeyId: 'WHO', secretAccessKey: 'guess' } });
    await expect(unknown.send(new ListObjectsV2Command({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });

  test('is refused when the clock is wrong', async () => {
    const late = server.connect({ systemClockOffset: -20 * 60_000 });
    await expect(late.send(new ListObjectsV2Command({ Bucket: BUCKET }))).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  test('learns nothing from the log: neither signatures nor secrets are in it', async () => {
    await fetch(await getSignedUrl(client, new GetObjectCommand(AT)));
    expect(server.logged.length).toBeGreaterThan(0);
    expect(server.logged.filter((line) => /signature=|Credential/i.test(line) || line.includes(ACCESS_KEY.secretAccessKey))).toEqual([]);
  });
});

describe('the folder', () => {
  test('keeps its objects over a restart, and loses what broken writes left behind', async () => {
    const [kept = ''] = await filesOf();
    const leftover = path.join(path.dirname(kept), '00000000-0000-4000-8000-000000000000');
    await writeFile(leftover, 'half an object');
    await server.restart();
    client = server.connect();
    const output = await client.send(new GetObjectCommand(AT));
    expect(output.ContentType).toBe('audio/wav');
    expect((await bytesOf(output)).equals(SOUND)).toBe(true);
    expect(await filesOf()).not.toContain(leftover);
  });

  test('keeps nothing of an upload that breaks off, nor of an object that was replaced', async () => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'again', Body: 'one' }));
    const before = (await filesOf()).length;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'again', Body: 'two' }));
    expect(await filesOf()).toHaveLength(before);

    const url = new URL(await getSignedUrl(client, new PutObjectCommand({ Bucket: BUCKET, Key: 'broken' })));
    const logged = server.logged.length;
    const socket = connect(Number(url.port), url.hostname);
    socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 1000\r\n\r\nhalf`);
    while ((await filesOf()).length === before) await sleep(5);
    socket.destroy();
    while (server.logged.length === logged) await sleep(5);
    expect(await filesOf()).toHaveLength(before);
    await expect(client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'broken' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('belongs to one server at a time', async () => {
    await expect(startDevS3({ dir: server.dir, credentials: { a: 'b' } })).rejects.toThrow(/another S3 server uses the folder/);
  });

  test('is let go when the server cannot start', async () => {
    const dir = path.join(server.dir, 'second');
    const options = { dir, credentials: { a: 'b' } };
    await expect(startDevS3({ ...options, port: Number(new URL(server.url).port) })).rejects.toThrow(/EADDRINUSE/);
    await expect(startDevS3({ ...options, buckets: ['No'] })).rejects.toThrow(/bucket name/);
    await (await startDevS3(options)).close();
    await expect(startDevS3({ dir, credentials: {} })).rejects.toThrow(/access key/);
  });
});
