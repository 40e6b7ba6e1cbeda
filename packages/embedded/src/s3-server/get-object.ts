import { closeSync, createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { readByteRange, type ByteRange } from './byte-range.ts';
import { checksumHeaders } from './checksum.ts';
import { checkRead } from './conditions.ts';
import { headerOf, type Exchange, type Operation } from './exchange.ts';
import { readConditions, readResponseOverrides } from './object-headers.ts';
import type { StoredObject } from './stored-object.ts';

/** A range that was asked for with If-Range only holds for the version the caller already has a part of. */
function wantedRange(exchange: Exchange, object: StoredObject): ByteRange | undefined {
  const ifRange = headerOf(exchange, 'if-range');
  const lastModified = new Date(object.modified).toUTCString();
  if (ifRange !== undefined && ifRange !== object.etag && ifRange !== lastModified) return undefined;
  return readByteRange(headerOf(exchange, 'range'), object.size);
}

function describe(exchange: Exchange, object: StoredObject): Record<string, string> {
  const tagCount = Object.keys(object.tags).length;
  return {
    'content-type': 'binary/octet-stream',
    ...object.headers,
    ...readResponseOverrides(exchange),
    etag: object.etag,
    'last-modified': new Date(object.modified).toUTCString(),
    'accept-ranges': 'bytes',
    ...(tagCount > 0 ? { 'x-amz-tagging-count': String(tagCount) } : {}),
  };
}

/** GetObject and HeadObject: whole or one range, with conditions. */
export const getObject: Operation = async (exchange) => {
  const { folder, request, response, address } = exchange;
  const object = folder.object(address.bucket, address.key);
  checkRead(readConditions(exchange), object);
  const range = wantedRange(exchange, object);
  const headers = describe(exchange, object);
  if (range) headers['content-range'] = `bytes ${range.first}-${range.last}/${object.size}`;
  else if (headerOf(exchange, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') {
    Object.assign(headers, checksumHeaders(object.checksums), { 'x-amz-checksum-type': 'FULL_OBJECT' });
  }
  headers['content-length'] = String(range ? range.last - range.first + 1 : object.size);
  const status = range ? 206 : 200;
  if (request.method === 'HEAD') {
    response.writeHead(status, headers).end();
    return;
  }
  // Opened in the same breath as looked up: a writer that replaces the object now cannot take these bytes away.
  const descriptor = folder.openBytes(address.bucket, object);
  response.writeHead(status, headers);
  if (object.size === 0) {
    closeSync(descriptor);
    response.end();
    return;
  }
  const { first: start, last: end } = range ?? { first: 0, last: object.size - 1 };
  await pipeline(createReadStream('', { fd: descriptor, start, end }), response);
};
