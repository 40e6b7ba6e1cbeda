import type { Answer, Call } from './call.ts';
import { checksumHeaders } from './checksums.ts';
import { findCopySource } from './copy-source.ts';
import { pickObjectHeaders } from './object-headers.ts';
import { readTaggingHeader } from './object-tagging.ts';
import { readRange } from './read-range.ts';
import { receiveBody, type ReceivedBody } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import type { UploadAddress } from './upload-index.ts';
import { UNSIGNED_PAYLOAD } from './verify-signature.ts';
import { writeXml } from './write-xml.ts';

const MOST_PARTS = 10_000;

export function uploadAddress({ request }: Call): UploadAddress {
  return { bucket: request.bucket, key: request.key, id: request.query.get('uploadId') ?? '' };
}

export function createMultipartUpload({ request, store }: Call): Answer {
  const { bucket, key, headers } = request;
  store.index.requireBucket(bucket);
  const tags = readTaggingHeader(headers.get('x-amz-tagging'));
  const id = store.uploads.begin(bucket, key, { headers: pickObjectHeaders(headers), tags, begunMs: Date.now() });
  return { status: 200, body: writeXml('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: id }) };
}

export async function uploadPart(call: Call): Promise<Answer> {
  const { request, verified } = call;
  const body = await addPart(call, (append) => receiveBody(request, verified, append));
  return { status: 200, headers: { etag: `"${body.md5}"`, ...checksumHeaders(body.checksums) } };
}

/** A part that is a range of an object. It is read as if the client had sent it. */
export async function uploadPartCopy(call: Call): Promise<Answer> {
  const { request, verified, store } = call;
  const { record } = findCopySource(call);
  const range = readRange(request.headers.get('x-amz-copy-source-range'), record.size) ?? { start: 0, end: record.size - 1 };
  if (record.size === 0) throw new S3Error('InvalidRequest', 'An empty object cannot be copied into a part.');
  const headers = new Map([['content-length', String(range.end - range.start + 1)]]);
  const source = { ...request, headers, body: store.files.read(record.file, range) };
  const body = await addPart(call, (append) => receiveBody(source, { ...verified, payload: UNSIGNED_PAYLOAD }, append));
  return { status: 200, body: writeXml('CopyPartResult', { LastModified: new Date(), ETag: `"${body.md5}"` }) };
}

async function addPart(
  call: Call,
  receive: (append: (piece: Uint8Array) => Promise<void>) => Promise<ReceivedBody>,
): Promise<ReceivedBody> {
  const { request, store } = call;
  const [address, number] = [uploadAddress(call), Number(request.query.get('partNumber') ?? Number.NaN)];
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
    throw new S3Error('InvalidArgument', 'partNumber is a number from 1 to 10000.');
  store.uploads.require(address);
  const { file, result } = await store.files.write(receive);
  await store.files.adopt(file, () => [store.uploads.putPart(address, number, { file, ...result, modifiedMs: Date.now() })]);
  return result;
}

export async function abortMultipartUpload(call: Call): Promise<Answer> {
  await call.store.files.remove(...call.store.uploads.end(uploadAddress(call)));
  return { status: 204 };
}

/** All parts at once: there are at most ten thousand. */
export function listParts(call: Call): Answer {
  const { bucket, key, id } = uploadAddress(call);
  const parts = [...call.store.uploads.listParts({ bucket, key, id })].map(([number, part]) => ({
    PartNumber: number,
    LastModified: new Date(part.modifiedMs),
    ETag: `"${part.md5}"`,
    Size: part.size,
  }));
  return { status: 200, body: writeXml('ListPartsResult', { Bucket: bucket, Key: key, UploadId: id, IsTruncated: false, Part: parts }) };
}

export function listMultipartUploads({ request, store }: Call): Answer {
  const { bucket, query } = request;
  store.index.requireBucket(bucket);
  const prefix = query.get('prefix') ?? '';
  const uploads = store.uploads
    .list(bucket)
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ key, id, record }) => ({ Key: key, UploadId: id, Initiated: new Date(record.begunMs) }));
  return {
    status: 200,
    body: writeXml('ListMultipartUploadsResult', { Bucket: bucket, Prefix: prefix, IsTruncated: false, Upload: uploads }),
  };
}
