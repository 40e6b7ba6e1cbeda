import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { decodePercent } from './percent-encoding.ts';
import { S3Error } from './s3-error.ts';

const LONGEST_KEY_BYTES = 1024;

/** What a request says before its body. */
export interface S3RequestHead {
  readonly method: string;
  /** Path as it came over the wire: the signature covers it. */
  readonly rawPath: string;
  /** Empty for the server itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface S3Request extends S3RequestHead {
  readonly body: Readable;
}

/**
 * Reads bucket and key out of a path-style address.
 * @throws S3Error `InvalidURI`, `KeyTooLongError`
 */
export function readRequest(message: IncomingMessage): S3Request {
  const target = message.url ?? '';
  if (!target.startsWith('/')) throw new S3Error('InvalidURI');
  const questionMark = target.indexOf('?');
  const rawPath = questionMark < 0 ? target : target.slice(0, questionMark);
  const slash = rawPath.indexOf('/', 1);
  const key = slash < 0 ? '' : decodePercent(rawPath.slice(slash + 1));
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw new S3Error('KeyTooLongError');
  return {
    method: message.method ?? 'GET',
    rawPath,
    bucket: decodePercent(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash)),
    key,
    query: new URLSearchParams(questionMark < 0 ? '' : target.slice(questionMark + 1)),
    headers: new Map(Object.entries(message.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))),
    body: message,
  };
}

/**
 * Links carry in their query what requests carry in headers: metadata, tags, conditions. Only for a request whose signature, which
 * covers the query, has been verified. Checksums there are of no use, and S3 ignores them: the SDK signs the one of an empty body,
 * as it does not know what will be sent.
 */
export function withHeadersOfLink(request: S3Request): S3Request {
  const fromQuery = [...request.query].filter(([name]) => name.startsWith('x-amz-') && !name.includes('checksum'));
  return fromQuery.length === 0 ? request : { ...request, headers: new Map([...fromQuery, ...request.headers]) };
}
