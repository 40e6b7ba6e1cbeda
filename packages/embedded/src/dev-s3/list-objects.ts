import type { Answer, Call } from './call.ts';
import { collectPage } from './list-page.ts';
import { encodePath } from './percent-encoding.ts';
import { S3Error } from './s3-error.ts';
import { writeXml } from './write-xml.ts';

const MOST_KEYS = 1000;

/** Both versions of ListObjects: they differ in how one goes to the next page. */
export function listObjects({ request, store }: Call): Answer {
  const { bucket, query } = request;
  store.index.requireBucket(bucket);
  const isVersion2 = query.get('list-type') === '2';
  const [prefix, delimiter, maxKeys] = [query.get('prefix') ?? '', query.get('delimiter') ?? '', readMaxKeys(query.get('max-keys'))];
  const [marker, startAfter, token] = [query.get('marker') ?? '', query.get('start-after') ?? '', query.get('continuation-token')];
  const after = !isVersion2 ? marker : token === null ? startAfter : Buffer.from(token, 'base64url').toString('utf8');
  const page = collectPage(store.index, { bucket, prefix, delimiter, after, maxKeys });

  const isUrlEncoded = query.get('encoding-type') === 'url';
  const name = (text: string): string => (isUrlEncoded ? encodePath(text) : text);
  const nameIfAny = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : name(text));
  const ways = isVersion2
    ? {
        KeyCount: page.objects.length + page.commonPrefixes.length,
        StartAfter: nameIfAny(startAfter),
        ContinuationToken: token ?? undefined,
        NextContinuationToken: page.next === undefined ? undefined : Buffer.from(page.next, 'utf8').toString('base64url'),
      }
    : { Marker: name(marker), NextMarker: nameIfAny(page.next) };
  const body = writeXml('ListBucketResult', {
    Name: bucket,
    Prefix: name(prefix),
    Delimiter: nameIfAny(delimiter),
    MaxKeys: maxKeys,
    EncodingType: isUrlEncoded ? 'url' : undefined,
    IsTruncated: page.next !== undefined,
    ...ways,
    Contents: page.objects.map(({ key, record }) => ({
      Key: name(key),
      LastModified: new Date(record.modifiedMs),
      ETag: record.etag,
      Size: record.size,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: page.commonPrefixes.map((commonPrefix) => ({ Prefix: name(commonPrefix) })),
  });
  return { status: 200, body };
}

function readMaxKeys(text: string | null): number {
  if (text === null) return MOST_KEYS;
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', 'max-keys is a number that is not negative.');
  return Math.min(MOST_KEYS, Number(text));
}
