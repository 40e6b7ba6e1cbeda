import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET, bytesOf, startTestServer, type TestServer } from './dev-s3/testing.ts';

const MEBIBYTE = 1024 ** 2;
const LARGE = randomBytes(12 * MEBIBYTE + 123);
const PIECE = LARGE.subarray(0, 5 * MEBIBYTE);

let server: TestServer;
let client: S3Client;
beforeAll(async () => {
  server = await startTestServer();
  client = server.connect();
});
afterAll(() => server.close());

function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
}

async function begin(key: string): Promise<{ Bucket: string; Key: string; UploadId: string }> {
  const at = { Bucket: BUCKET, Key: key };
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ ...at, ContentType: 'audio/mpeg', Metadata: { a: '1' } }));
  return { ...at, UploadId };
}

async function send(at: { Bucket: string; Key: string; UploadId: string }, number: number, body: Buffer | string): Promise<CompletedPart> {
  const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand({ ...at, PartNumber: number, Body: body }));
  return { PartNumber: number, ETag, ChecksumCRC32 };
}

const complete = (at: { Bucket: string; Key: string; UploadId: string }, parts: CompletedPart[], more: { IfNoneMatch?: string } = {}) =>
  client.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts: parts }, ...more }));

describe.each([
  ['the SDK as it comes', {}],
  ['checksums only when required', { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }],
] as const)('an upload in parts with %s', (name, config) => {
  test('carries a stream of any length', async () => {
    const own = server.connect(config);
    for (const [key, bytes] of [
      [`${name}/large`, LARGE],
      [`${name}/small`, Buffer.from('onetwo')],
    ] as const) {
      await new Upload({
        client: own,
        params: { Bucket: BUCKET, Key: key, Body: Readable.from(inPieces(bytes)) },
        queueSize: 3,
        partSize: 5 * MEBIBYTE,
      }).done();
      expect((await bytesOf(await own.send(new GetObjectCommand({ Bucket: BUCKET, Key: key })))).equals(bytes)).toBe(true);
    }
  });

  test('that is aborted leaves nothing', async () => {
    const own = server.connect(config);
    const upload = new Upload({ client: own, params: { Bucket: BUCKET, Key: `${name}/aborted`, Body: Readable.from(inPieces(LARGE)) } });
    const [ended] = await Promise.allSettled([upload.done(), upload.abort()]);
    expect(ended).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    await expect(own.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${name}/aborted` }))).rejects.toMatchObject({ name: 'NotFound' });
  });
});

test('parts may come in any order and be replaced; the object has the headers the upload began with', async () => {
  const at = await begin('assembled');
  const last = await send(at, 7, 'the end');
  await send(at, 2, 'replaced');
  const first = await send(at, 2, PIECE);
  const { Parts } = await client.send(new ListPartsCommand(at));
  expect(Parts?.map((part) => [part.PartNumber, part.Size])).toEqual([
    [2, PIECE.length],
    [7, 7],
  ]);
  const completed = await complete(at, [first, last]);
  expect(completed.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);

  const whole = Buffer.concat([PIECE, Buffer.from('the end')]);
  const output = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'assembled', ChecksumMode: 'ENABLED' }));
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(whole));
  expect(output).toMatchObject({
    ContentType: 'audio/mpeg',
    Metadata: { a: '1' },
    ETag: completed.ETag,
    ChecksumCRC32: sum.toString('base64'),
  });
  expect((await bytesOf(output)).equals(whole)).toBe(true);
});

test('an upload is refused with parts that are missing, out of order, too small or others than were sent', async () => {
  const at = await begin('refused');
  const [first, second] = [await send(at, 1, 'small'), await send(at, 2, 'end')];
  const other = { ...first, ETag: second.ETag, ChecksumCRC32: undefined };
  const cases: [CompletedPart[], string][] = [
    [[first, { ...second, PartNumber: 3 }], 'InvalidPart'],
    [[other], 'InvalidPart'],
    [[{ ...first, ChecksumCRC32: 'AAAAAA==' }], 'InvalidPart'],
    [[second, first], 'InvalidPartOrder'],
    [[first, second], 'EntityTooSmall'],
  ];
  for (const [parts, name] of cases) await expect(complete(at, parts)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  await complete(at, [first]);
  await expect(complete(at, [first])).rejects.toMatchObject({ name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } });
});

test('an upload that is not finished is listed, outlives a restart, and is gone once aborted', async () => {
  const at = await begin('unfinished');
  const part = await send(at, 1, 'still there');
  await server.restart();
  client = server.connect();
  const listed = async () => (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: 'unfinished' }))).Uploads ?? [];
  expect((await listed()).map((upload) => upload.UploadId)).toEqual([at.UploadId]);
  await complete(at, [part]);
  expect((await bytesOf(await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: at.Key })))).toString()).toBe('still there');
  const second = await begin('unfinished');
  await client.send(new AbortMultipartUploadCommand(second));
  expect(await listed()).toEqual([]);
  await expect(send(second, 1, 'too late')).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('a part can be a range of another object', async () => {
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'source', Body: LARGE }));
  const at = await begin('from-copy');
  const copy = (number: number, range: string) =>
    client.send(new UploadPartCopyCommand({ ...at, PartNumber: number, CopySource: `${BUCKET}/source`, CopySourceRange: range }));
  const results = [await copy(1, `bytes=0-${PIECE.length - 1}`), await copy(2, 'bytes=7-9')];
  await complete(
    at,
    results.map((result, place) => ({ PartNumber: place + 1, ETag: result.CopyPartResult?.ETag })),
  );
  const bytes = await bytesOf(await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'from-copy' })));
  expect(bytes.equals(Buffer.concat([PIECE, LARGE.subarray(7, 10)]))).toBe(true);
});

test('of several uploads completed at once with If-None-Match: * exactly one wins', async () => {
  const uploads = await Promise.all(Array.from({ length: 5 }, () => begin('race')));
  const parts = await Promise.all(uploads.map((at, place) => send(at, 1, `upload ${place}`)));
  const results = await Promise.allSettled(uploads.map((at, place) => complete(at, [parts[place] ?? {}], { IfNoneMatch: '*' })));
  const winners = results.flatMap((result, place) => (result.status === 'fulfilled' ? [place] : []));
  expect(winners).toHaveLength(1);
  expect((await bytesOf(await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'race' })))).toString()).toBe(`upload ${winners[0]}`);
});
