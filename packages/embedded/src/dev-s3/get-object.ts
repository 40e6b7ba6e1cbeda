import type { Answer, Call } from './call.ts';
import { checkReadConditions } from './check-conditions.ts';
import { checksumHeaders } from './checksums.ts';
import { KEPT_HEADERS } from './object-headers.ts';
import type { ObjectRecord } from './object-index.ts';
import { readRange } from './read-range.ts';

const DEFAULT_CONTENT_TYPE = 'binary/octet-stream';

/** GET and HEAD: one says with bytes what the other says without. */
export function getObject({ request, store }: Call): Answer {
  const { headers } = request;
  const record = store.index.require(request.bucket, request.key);
  checkReadConditions(headers, record);
  const range = isRangeWanted(headers, record) ? readRange(headers.get('range'), record.size) : undefined;
  const { start, end } = range ?? { start: 0, end: record.size - 1 };
  const answerHeaders = {
    ...describeObject(record, request.query),
    ...(range === undefined ? describeChecksums(headers, record) : { 'content-range': `bytes ${start}-${end}/${record.size}` }),
    'content-length': String(end - start + 1),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || record.size === 0) return { status, headers: answerHeaders };
  return { status, headers: answerHeaders, body: store.files.read(record.file, { start, end }) };
}

/** A range of an object that has changed since is of no use: If-Range then asks for all of it. */
function isRangeWanted(headers: ReadonlyMap<string, string>, record: ObjectRecord): boolean {
  const condition = headers.get('if-range');
  return condition === undefined || condition === record.etag || Date.parse(condition) === Math.floor(record.modifiedMs / 1000) * 1000;
}

function describeObject(record: ObjectRecord, query: URLSearchParams): Record<string, string> {
  const overrides = KEPT_HEADERS.flatMap((name) => {
    const value = query.get(`response-${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    'content-type': DEFAULT_CONTENT_TYPE,
    ...record.headers,
    ...Object.fromEntries(overrides),
    etag: record.etag,
    'last-modified': new Date(record.modifiedMs).toUTCString(),
    'accept-ranges': 'bytes',
    ...(record.tags.length === 0 ? {} : { 'x-amz-tagging-count': String(record.tags.length) }),
  };
}

function describeChecksums(headers: ReadonlyMap<string, string>, { checksums }: ObjectRecord): Record<string, string> {
  if (headers.get('x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED') return {};
  return { ...checksumHeaders(checksums), 'x-amz-checksum-type': 'FULL_OBJECT' };
}
