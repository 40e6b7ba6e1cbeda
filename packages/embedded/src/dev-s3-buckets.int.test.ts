import { randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketLocationCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
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

  test('a copy has the bytes, headers and tags of its source, or new ones', async () => {
    await put('source 1+&', SOUND, { ContentType: 'audio/mpeg', Metadata: { a: '1' }, Tagging: 'k=v' });
    const [Key, CopySource] = [`${folder}/copy`, encodeURI(`${BUCKET}/${folder}/source 1`) + '%2B%26'];
    const copied = await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource }));
    const output = await get('copy');
    expect(output).toMatchObject({ ETag: copied.CopyObjectResult?.ETag, ContentType: 'audio/mpeg', Metadata: { a: '1' }, TagCount: 1 });
    expect((await bytesOf(output)).equals(SOUND)).toBe(true);
    await client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource: `${BUCKET}/${Key}`, MetadataDirective: 'REPLACE', Metadata: { b: '2' } }),
    );
    expect((await head('copy')).Metadata).toEqual({ b: '2' });
    await expect(client.send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource: `${BUCKET}/nope` }))).rejects.toEqual(
      answer(404, 'NoSuchKey'),
    );
    const changed = new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource, CopySourceIfMatch: '"other"' });
    await expect(client.send(changed)).rejects.toEqual(answer(412, 'PreconditionFailed'));
  });

  test('tags can be set, read, replaced and removed', async () => {
    const at = { Bucket: BUCKET, Key: `${folder}/tagged` };
    const tags = async () => (await client.send(new GetObjectTaggingCommand(at))).TagSet;
    await put('tagged', 'x', { Tagging: 'a=1&b=%C3%A9' });
    expect(await tags()).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'é' },
    ]);
    await client.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: '<k>', Value: '' }] } }));
    expect(await tags()).toEqual([{ Key: '<k>', Value: '' }]);
    const twice = new PutObjectTaggingCommand({
      ...at,
      Tagging: {
        TagSet: [
          { Key: 'k', Value: '1' },
          { Key: 'k', Value: '2' },
        ],
      },
    });
    await expect(client.send(twice)).rejects.toEqual(answer(400, 'InvalidTag'));
    await client.send(new DeleteObjectTaggingCommand(at));
    expect(await tags()).toEqual([]);
  });

  test('listings group by delimiter and go on page by page, in both versions', async () => {
    for (const key of ['list/1', 'list/2', 'list/a/1', 'list/a/2', 'list/b/1', 'list/c']) await put(key, key);
    const [at, all] = [
      { Bucket: BUCKET, Prefix: `${folder}/list/` },
      ['1', '2', 'a/1', 'a/2', 'b/1', 'c'].map((end) => `${folder}/list/${end}`),
    ];
    const grouped = await client.send(new ListObjectsV2Command({ ...at, Delimiter: '/' }));
    expect(grouped.Contents?.map((object) => object.Key)).toEqual([all[0], all[1], all[5]]);
    expect(grouped.CommonPrefixes?.map((group) => group.Prefix)).toEqual([`${folder}/list/a/`, `${folder}/list/b/`]);
    expect(grouped).toMatchObject({ KeyCount: 5, IsTruncated: false });

    const found: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(new ListObjectsV2Command({ ...at, MaxKeys: 4, ContinuationToken: token }));
      found.push(...(page.Contents ?? []).map((object) => object.Key));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expect(found).toEqual(all);
    const first = await client.send(new ListObjectsCommand({ ...at, MaxKeys: 2, Delimiter: '/' }));
    const second = await client.send(new ListObjectsCommand({ ...at, Marker: first.NextMarker, EncodingType: 'url' }));
    expect([...(first.Contents ?? []), ...(second.Contents ?? [])].map((object) => object.Key)).toEqual(all);
    expect((await client.send(new ListObjectsV2Command({ ...at, StartAfter: all[3] }))).Contents?.map((object) => object.Key)).toEqual(
      all.slice(4),
    );
  });

  test('deletions succeed whether the object is there or not', async () => {
    await Promise.all(['1', '2', '3'].map((end) => put(`gone ${end}&`, end)));
    const Objects = ['1', '2', '3', 'never'].map((end) => ({ Key: `${folder}/gone ${end}&` }));
    for (let time = 0; time < 2; time++) await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: Objects[0]?.Key }));
    const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    expect(Deleted?.map((object) => object.Key)).toEqual(Objects.map((object) => object.Key));
    expect((await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${folder}/gone` }))).KeyCount).toBe(0);
  });

  test('buckets can be made, seen and, once empty, removed', async () => {
    const Bucket = `another-${folder.slice(-8)}`;
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new HeadBucketCommand({ Bucket }));
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeUndefined();
    expect((await client.send(new ListBucketsCommand({}))).Buckets?.map((bucket) => bucket.Name)).toEqual([Bucket, BUCKET]);
    await client.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }));
    await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toEqual(answer(409, 'BucketNotEmpty'));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'x' }));
    await client.send(new DeleteBucketCommand({ Bucket }));
    await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toEqual(answer(404));
    await expect(client.send(new CreateBucketCommand({ Bucket: 'Not_Valid' }))).rejects.toEqual(answer(400, 'InvalidBucketName'));
  });

  test('what the server does not have is refused, not ignored', async () => {
    await put('plain', 'x');
    await expect(client.send(new GetObjectAclCommand({ Bucket: BUCKET, Key: `${folder}/plain` }))).rejects.toEqual(
      answer(501, 'NotImplemented'),
    );
    await expect(get('plain', { VersionId: '1' })).rejects.toEqual(answer(501, 'NotImplemented'));
  });
});
