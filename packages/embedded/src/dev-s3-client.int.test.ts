import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDevS3, type DevS3 } from './dev-s3.ts';

const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'a secret of some length' };
const folder = mkdtempSync(path.join(tmpdir(), 's3-server-'));
let server: DevS3;

function start(): Promise<DevS3> {
  return startDevS3({
    dir: folder,
    credentials: { [credentials.accessKeyId]: credentials.secretAccessKey },
    buckets: ['audio'],
    fast: true,
  });
}

function connect(more: Partial<S3ClientConfig> = {}): S3Client {
  return new S3Client({ endpoint: server.url, region: 'us-east-1', forcePathStyle: true, credentials, maxAttempts: 1, ...more });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: { name?: string; $metadata?: { httpStatusCode?: number } }) => `${error.$metadata?.httpStatusCode ?? ''} ${error.name ?? ''}`,
  );
}

beforeAll(async () => {
  server = await start();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const SETTINGS: readonly [string, Partial<S3ClientConfig>][] = [
  ['the defaults of the AWS SDK', {}],
  ['checksums only where they are required', { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }],
];

describe.each(SETTINGS)('the S3 server with %s', (name, settings) => {
  const prefix = name.slice(-3);
  let client: S3Client;
  beforeAll(() => {
    client = connect(settings);
  });
  afterAll(() => client.destroy());

  async function read(key: string, range?: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'audio', Key: key, Range: range }));
    return (await Body?.transformToString()) ?? '';
  }

  it('gives back what was put, with its type, length and metadata', async () => {
    const Key = `${prefix}/日本語 a+b&c.mp3`;
    await client.send(
      new PutObjectCommand({ Bucket: 'audio', Key, Body: 'hello', ContentType: 'audio/mpeg', Metadata: { voice: 'kore' } }),
    );
    const head = await client.send(new HeadObjectCommand({ Bucket: 'audio', Key }));
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'audio/mpeg', Metadata: { voice: 'kore' } });
    expect(await read(Key)).toBe('hello');
  });

  it('serves ranges, from the end too, and refuses one beyond the end', async () => {
    const Key = `${prefix}/range`;
    await client.send(new PutObjectCommand({ Bucket: 'audio', Key, Body: '0123456789' }));
    expect(await read(Key, 'bytes=2-4')).toBe('234');
    expect(await read(Key, 'bytes=-3')).toBe('789');
    expect(await read(Key, 'bytes=8-')).toBe('89');
    expect(await codeOf(read(Key, 'bytes=50-60'))).toContain('416');
  });

  it('lets exactly one of many writers create a key', async () => {
    const Key = `${prefix}/once`;
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, writer) =>
        codeOf(client.send(new PutObjectCommand({ Bucket: 'audio', Key, Body: `writer ${writer}`, IfNoneMatch: '*' }))),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.startsWith('412') || outcome.startsWith('409'))).toHaveLength(11);
  });

  it('takes a large object in parts, streamed, without its framing', async () => {
    const Key = `${prefix}/large`;
    const body = Buffer.alloc(11 * 1024 * 1024, 'abcdefghij');
    await new Upload({ client, params: { Bucket: 'audio', Key, Body: body }, partSize: 5 * 1024 * 1024 }).done();
    const head = await client.send(new HeadObjectCommand({ Bucket: 'audio', Key }));
    expect(head.ContentLength).toBe(body.length);
    expect(await read(Key, `bytes=${body.length - 10}-`)).toBe(body.subarray(-10).toString());
  });

  it('refuses parts out of order and forgets an upload that was given up', async () => {
    const Key = `${prefix}/parts`;
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: 'audio', Key }));
    const part = (PartNumber: number) =>
      client.send(new UploadPartCommand({ Bucket: 'audio', Key, UploadId, PartNumber, Body: Buffer.alloc(5 * 1024 * 1024, PartNumber) }));
    const [one, two] = [await part(1), await part(2)];
    const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
      client.send(new CompleteMultipartUploadCommand({ Bucket: 'audio', Key, UploadId, MultipartUpload: { Parts } }));
    expect(
      await codeOf(
        complete([
          { PartNumber: 2, ETag: two.ETag },
          { PartNumber: 1, ETag: one.ETag },
        ]),
      ),
    ).toContain('InvalidPartOrder');
    await client.send(new AbortMultipartUploadCommand({ Bucket: 'audio', Key, UploadId }));
    expect(await codeOf(complete([{ PartNumber: 1, ETag: one.ETag }]))).toContain('NoSuchUpload');
  });

  it('copies, tags, lists page by page and deletes many at once', async () => {
    const keys = Array.from({ length: 7 }, (_, index) => `${prefix}/list/${index}`);
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: 'audio', Key, Body: Key }));
    await client.send(new CopyObjectCommand({ Bucket: 'audio', Key: `${prefix}/copy`, CopySource: `audio/${keys[0]}` }));
    expect(await read(`${prefix}/copy`)).toBe(keys[0]);
    await client.send(
      new PutObjectTaggingCommand({ Bucket: 'audio', Key: `${prefix}/copy`, Tagging: { TagSet: [{ Key: 'k', Value: 'v' }] } }),
    );
    expect((await client.send(new GetObjectTaggingCommand({ Bucket: 'audio', Key: `${prefix}/copy` }))).TagSet).toEqual([
      { Key: 'k', Value: 'v' },
    ]);
    const listed: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: 'audio', Prefix: `${prefix}/list/`, MaxKeys: 3, ContinuationToken }),
      );
      listed.push(...(page.Contents ?? []).map((entry) => entry.Key ?? ''));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(listed).toEqual(keys);
    const folders = await client.send(new ListObjectsV2Command({ Bucket: 'audio', Prefix: `${prefix}/`, Delimiter: '/' }));
    expect(folders.CommonPrefixes?.map((entry) => entry.Prefix)).toContain(`${prefix}/list/`);
    await client.send(new DeleteObjectsCommand({ Bucket: 'audio', Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    expect((await client.send(new ListObjectsV2Command({ Bucket: 'audio', Prefix: `${prefix}/list/` }))).KeyCount).toBe(0);
    await client.send(new DeleteObjectCommand({ Bucket: 'audio', Key: `${prefix}/copy` }));
    expect(await codeOf(read(`${prefix}/copy`))).toContain('NoSuchKey');
  });

  it('opens presigned links until they expire, and no altered ones', async () => {
    const Key = `${prefix}/link`;
    await client.send(new PutObjectCommand({ Bucket: 'audio', Key, Body: 'linked', ContentType: 'audio/mpeg' }));
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'audio', Key }), { expiresIn: 60 });
    const response = await fetch(url, { headers: { range: 'bytes=0-2' } });
    expect([response.status, await response.text(), response.headers.get('content-type')]).toEqual([206, 'lin', 'audio/mpeg']);
    expect((await fetch(url.replace('link', 'range'))).status).toBe(403);
    const expired = await getSignedUrl(client, new GetObjectCommand({ Bucket: 'audio', Key }), {
      expiresIn: 1,
      signingDate: new Date(Date.now() - 10_000),
    });
    expect((await fetch(expired)).status).toBe(403);
  });

  it('refuses a wrong secret, an unknown key and no signature', async () => {
    const put = (more: Partial<S3ClientConfig>) =>
      codeOf(connect({ ...settings, ...more }).send(new PutObjectCommand({ Bucket: 'audio', Key: 'x', Body: 'x' })));
    expect(await put({ credentials: { ...credentials, secretAccessKey: 'wrong' } })).toContain('SignatureDoesNotMatch');
    expect(await put({ credentials: { ...credentials, accessKeyId: 'NOBODY' } })).toContain('InvalidAccessKeyId');
    expect((await fetch(`${server.url}/audio/x`)).status).toBe(403);
  });

  it('keeps buckets apart, and refuses what it does not have', async () => {
    await client.send(new CreateBucketCommand({ Bucket: `other-${prefix.replaceAll(/[^a-z]/g, 'x')}` }));
    expect(await codeOf(client.send(new PutObjectCommand({ Bucket: 'missing', Key: 'x', Body: 'x' })))).toContain('NoSuchBucket');
    expect(await codeOf(client.send(new HeadObjectCommand({ Bucket: 'audio', Key: '../../etc/passwd' })))).toContain('404');
  });
});

it('has every object again after it was stopped and started', async () => {
  const client = connect();
  await client.send(new PutObjectCommand({ Bucket: 'audio', Key: 'kept', Body: 'still here' }));
  client.destroy();
  await server.close();
  server = await start();
  const again = connect();
  const { Body } = await again.send(new GetObjectCommand({ Bucket: 'audio', Key: 'kept' }));
  expect(await Body?.transformToString()).toBe('still here');
  again.destroy();
});
