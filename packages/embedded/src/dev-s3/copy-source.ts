import type { Call } from './call.ts';
import { checkReadConditions } from './check-conditions.ts';
import type { ObjectRecord } from './object-index.ts';
import { decodePercent } from './percent-encoding.ts';
import { S3Error } from './s3-error.ts';

const CONDITION_PREFIX = 'x-amz-copy-source-';

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly record: ObjectRecord;
}

/** Finds what the header x-amz-copy-source names. @throws S3Error `InvalidArgument`, `NoSuchBucket`, `NoSuchKey`, `PreconditionFailed` */
export function findCopySource({ request, store }: Call): CopySource {
  const [address = '', version] = (request.headers.get('x-amz-copy-source') ?? '').split('?');
  if (version !== undefined) throw new S3Error('NotImplemented', 'This server keeps no versions.');
  const path = decodePercent(address).replace(/^\//, '');
  const slash = path.indexOf('/');
  if (slash < 1) throw new S3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  const [bucket, key] = [path.slice(0, slash), path.slice(slash + 1)];
  const record = store.index.require(bucket, key);
  checkReadConditions(request.headers, record, CONDITION_PREFIX);
  return { bucket, key, record };
}
