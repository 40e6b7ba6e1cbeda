import type { Answer, Call } from './call.ts';
import { writeXml } from './write-xml.ts';

/** All buckets are in the region that SDKs fall back to. */
const REGION = 'us-east-1';

export function listBuckets({ store }: Call): Answer {
  const buckets = store.index.listBuckets().map(({ name, createdMs }) => ({ Name: name, CreationDate: new Date(createdMs) }));
  return { status: 200, body: writeXml('ListAllMyBucketsResult', { Owner: { ID: 'owner' }, Buckets: { Bucket: buckets } }) };
}

/** As in us-east-1, making a bucket that one owns already succeeds. */
export function createBucket({ request, store }: Call): Answer {
  store.index.addBucket(request.bucket, Date.now());
  return { status: 200, headers: { location: `/${request.bucket}` } };
}

export function headBucket({ request, store }: Call): Answer {
  store.index.requireBucket(request.bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': REGION } };
}

export function deleteBucket({ request, store }: Call): Answer {
  store.index.removeBucket(request.bucket);
  return { status: 204 };
}

/** An empty LocationConstraint means us-east-1. */
export function getBucketLocation({ request, store }: Call): Answer {
  store.index.requireBucket(request.bucket);
  return { status: 200, body: writeXml('LocationConstraint', '') };
}

/** Versioning was never switched on. */
export function getBucketVersioning({ request, store }: Call): Answer {
  store.index.requireBucket(request.bucket);
  return { status: 200, body: writeXml('VersioningConfiguration', {}) };
}
