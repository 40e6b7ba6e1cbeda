import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, bytesOf, startTestServer, type TestServer } from './dev-s3/testing.ts';

const SOUND = randomBytes(300_000);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const answer = (status: number, name?: string) =>
  expect.objectContaining({ ...(name === undefined ? {} : { name }), $metadata: expect.objectContaining({ httpStatusCode: status }) });

/** Both ways in which a client can be set to use checksums: with trailers in chunked bodies, and without. */
describe.each([
  ['the SDK as it comes', {}],
  ['checksums only when required', { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }],
] as const)('with %s', (name, config) => {
  const folder = name.replaceAll(' ', '-');
  let client: S3Client;
  beforeAll(() => {
    client = server.connect(config);
  });
  const put = (key: string, body: PutObjectCommandInput['Body'], more: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${folder}/${key}`, Body: body, ...more }));
  const get = (key: string, more: Partial<ConstructorParameters<typeof GetObjectCommand>[0]> = {}) =>
    client.send(new GetObjectCommand({ Bucket: BUCKET, Key: `${folder}/${key}`, ...more }));
  const head = (key: string) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${folder}/${key}` }));

  test('an object comes back with its bytes, headers and metadata', async () => {
    const headers = { ContentType: 'audio/mpeg', CacheControl: 'max-age=60', ContentDisposition: 'inline', Metadata: { hash: 'abc' } };
    const { ETag } = await put('sound.mp3', SOUND, headers);
    const output = await get('sound.mp3');
    expect(output).toMatchObject({ ...headers, ETag, ContentLength: SOUND.length });
    expect((await bytesOf(output)).equals(SOUND)).toBe(true);
    const { LastModified, ...described } = await head('sound.mp3');
    expect(described).toMatchObject({ ...headers, ETag, ContentLength: SOUND.length, AcceptRanges: 'bytes' });
    expect(Math.abs(Date.now() - Number(LastModified))).toBeLessThan(60_000);
  });

  test('a stream and a file can be sent when their length is said', async () => {
    const file = path.join(server.dir, `${folder}.bin`);
    await writeFile(file, SOUND);
    const streams = {
      'stream.mp3': Readable.from([SOUND.subarray(0, 100_000), SOUND.subarray(100_000)]),
      'file.mp3': createReadStream(file),
    };
    for (const [key, body] of Object.entries(streams)) {
      await put(key, body, { ContentLength: SOUND.length });
      expect((await bytesOf(await get(key))).equals(SOUND)).toBe(true);
      expect((await head(key)).ContentEncoding).toBeUndefined();
    }
  });

  test('an empty object is an object', async () => {
    await put('empty', '', { ContentLength: 0 });
    expect((await bytesOf(await get('empty'))).length).toBe(0);
    expect((await head('empty')).ContentLength).toBe(0);
  });

  test.each([
    'テキスト/日本 語+&.txt',
    'x',
    'x/y',
    'dir/',
    '../up',
    './here',
    'a//b',
    "(!*'~)",
    '%41%2f',
    '😀',
    'l'.repeat(900),
    '__proto__',
    'a\tb\r\nc',
  ])('the key %j is as good as any other', async (key) => {
    const at = { Bucket: BUCKET, Key: `${key}` };
    await client.send(new PutObjectCommand({ ...at, Body: key }));
    expect((await bytesOf(await client.send(new GetObjectCommand(at)))).toString()).toBe(key);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
    expect(Contents?.map((object) => object.Key)).toContain(key);
    await client.send(new DeleteObjectCommand(at));
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('a %s is verified, kept and given back', async (algorithm) => {
    const written = await put(`sum-${algorithm}`, SOUND, { ChecksumAlgorithm: ChecksumAlgorithm[algorithm] });
    const output = await get(`sum-${algorithm}`, { ChecksumMode: 'ENABLED' });
    expect((await bytesOf(output)).equals(SOUND)).toBe(true);
    expect(output[`Checksum${algorithm}`]).toBe(written[`Checksum${algorithm}`]);
    expect(output[`Checksum${algorithm}`]).toMatch(/=$/);
  });

  test.each([
    ['CRC32', { ChecksumCRC32: 'AAAAAA==' }],
    ['CRC32C', { ChecksumCRC32C: 'AAAAAA==' }],
    ['CRC64NVME', { ChecksumCRC64NVME: 'AAAAAAAAAAA=' }],
    ['SHA1', { ChecksumSHA1: Buffer.alloc(20).toString('base64') }],
    ['SHA256', { ChecksumSHA256: Buffer.alloc(32).toString('base64') }],
    ['MD5', { ContentMD5: Buffer.alloc(16).toString('base64') }],
  ])('a wrong %s is refused, and nothing is stored', async (_, wrong) => {
    await expect(put('wrong', 'abc', wrong)).rejects.toEqual(answer(400, 'BadDigest'));
    await expect(head('wrong')).rejects.toEqual(answer(404));
  });

  test('ranges give their bytes; one beyond the end does not exist', async () => {
    await put('range', SOUND);
    const ranges = {
      'bytes=100-199': [100, 200],
      'bytes=-50': [299_950, 300_000],
      'bytes=299000-': [299_000, 300_000],
      'bytes=299990-999999': [299_990, 300_000],
    };
    for (const [Range, [start, end]] of Object.entries(ranges)) {
      const output = await get('range', { Range });
      expect(output.$metadata.httpStatusCode).toBe(206);
      expect(output.ContentRange).toBe(`bytes ${start}-${(end ?? 0) - 1}/300000`);
      expect((await bytesOf(output)).equals(SOUND.subarray(start, end))).toBe(true);
    }
    await expect(get('range', { Range: 'bytes=300000-' })).rejects.toEqual(answer(416, 'InvalidRange'));
  });

  test('what is not there is missed in the words of S3', async () => {
    await expect(get('nope')).rejects.toEqual(answer(404, 'NoSuchKey'));
    await expect(head('nope')).rejects.toEqual(answer(404, 'NotFound'));
    await expect(client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'nope' }))).rejects.toEqual(answer(404, 'NoSuchBucket'));
    await expect(client.send(new PutObjectCommand({ Bucket: 'nowhere', Key: 'nope', Body: 'x' }))).rejects.toEqual(
      answer(404, 'NoSuchBucket'),
    );
  });

  test('reads and writes can depend on what is there', async () => {
    const { ETag = '' } = await put('condition', 'one');
    await expect(put('condition', 'two', { IfNoneMatch: '*' })).rejects.toEqual(answer(412, 'PreconditionFailed'));
    await expect(put('condition', 'two', { IfMatch: '"other"' })).rejects.toEqual(answer(412, 'PreconditionFailed'));
    await expect(put('missing', 'two', { IfMatch: ETag })).rejects.toEqual(answer(404));
    await expect(get('condition', { IfNoneMatch: ETag })).rejects.toEqual(answer(304));
    await expect(get('condition', { IfModifiedSince: new Date(Date.now() + 1000) })).rejects.toEqual(answer(304));
    await expect(get('condition', { IfMatch: '"other"' })).rejects.toEqual(answer(412, 'PreconditionFailed'));
    await expect(get('condition', { IfUnmodifiedSince: new Date(0) })).rejects.toEqual(answer(412, 'PreconditionFailed'));
    expect((await bytesOf(await get('condition', { IfMatch: ETag }))).toString()).toBe('one');
    await put('condition', 'two', { IfMatch: ETag });
    expect((await bytesOf(await get('condition', { IfNoneMatch: ETag }))).toString()).toBe('two');
  });

  test('of many who write at once with If-None-Match: * exactly one wins, and its bytes stay', async () => {
    const bodies = Array.from({ length: 24 }, (_, writer) => Buffer.alloc(50_000, writer));
    const results = await Promise.allSettled(bodies.map((body) => put('race', body, { IfNoneMatch: '*' })));
    const winners = results.flatMap((result, writer) => (result.status === 'fulfilled' ? [writer] : []));
    expect(winners).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(answer(412, 'PreconditionFailed'));
    expect((await bytesOf(await get('race'))).equals(bodies[winners[0] ?? -1] ?? Buffer.alloc(0))).toBe(true);
  });

  test('who reads while others write gets one version, whole', async () => {
    const versions = Array.from({ length: 8 }, (_, version) => Buffer.alloc(200_000, version));
    await put('busy', versions[0]);
    const reads = Array.from({ length: 24 }, async () => bytesOf(await get('busy')));
    await Promise.all(versions.map((version) => put('busy', version)));
    for (const bytes of await Promise.all(reads)) expect(bytes.equals(versions[bytes[0] ?? -1] ?? Buffer.alloc(0))).toBe(true);
  });

  test('64 objects can be sent at once', async () => {
    await Promise.all(Array.from({ length: 64 }, (_, place) => put(`many/${place}`, SOUND)));
    expect((await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${folder}/many/` }))).KeyCount).toBe(64);
  });
});
