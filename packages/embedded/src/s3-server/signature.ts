import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/**
 * AWS Signature Version 4 for S3: the calculations, without any policy.
 * Source: Amazon S3 API reference, "Authenticating requests (AWS Signature Version 4)".
 */

/** SHA-256 of nothing. */
const EMPTY_SHA256 = createHash('sha256').digest('hex');

export interface RequestToSign {
  readonly method: string;
  /** Path as sent, still encoded. */
  readonly rawPath: string;
  /** Decoded query; of a presigned link without its signature. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Values of the signed headers, in the order in which the request lists them, which is alphabetical. */
  readonly signedHeaders: readonly (readonly [name: string, value: string])[];
  /** Value of x-amz-content-sha256: a hash, or the words that stand for one. */
  readonly payload: string;
}

/** What every signature of one request shares. */
export interface Signing {
  readonly key: Buffer;
  /** Time of the request, `YYYYMMDDTHHMMSSZ`. */
  readonly time: string;
  /** `YYYYMMDD/region/s3/aws4_request` */
  readonly scope: string;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Percent-encoding as AWS wants it: everything but letters, digits and `-._~`. */
export function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function canonicalQuery(query: RequestToSign['query']): string {
  const encoded = query.map(([name, value]) => [encodeComponent(name), encodeComponent(value)] as const);
  const sorted = encoded.toSorted((left, right) => compareText(left[0], right[0]) || compareText(left[1], right[1]));
  return sorted.map(([name, value]) => `${name}=${value}`).join('&');
}

function canonicalPath(rawPath: string): string {
  const segments = rawPath.split('/');
  return segments.map((segment) => encodeComponent(decodeURIComponent(segment))).join('/');
}

/** The request in the one spelling that both sides sign. S3 neither normalises the path nor encodes it twice. */
function canonicalRequest(request: RequestToSign): string {
  return [
    request.method,
    canonicalPath(request.rawPath),
    canonicalQuery(request.query),
    ...request.signedHeaders.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}`),
    '',
    request.signedHeaders.map(([name]) => name).join(';'),
    request.payload,
  ].join('\n');
}

/** The key of one day, region and service. @param scope `YYYYMMDD/region/service/aws4_request` */
export function signingKey(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`) as Buffer;
}

/** @returns the signature of a request, hexadecimal */
export function signRequest(signing: Signing, request: RequestToSign): string {
  const text = ['AWS4-HMAC-SHA256', signing.time, signing.scope, sha256(canonicalRequest(request))].join('\n');
  return hmac(signing.key, text).toString('hex');
}

/**
 * @param previous signature of the chunk before, or of the request for the first one
 * @param dataSha256 hash of the chunk's data, hexadecimal
 */
export function signChunk(signing: Signing, previous: string, dataSha256: string): string {
  const text = ['AWS4-HMAC-SHA256-PAYLOAD', signing.time, signing.scope, previous, EMPTY_SHA256, dataSha256].join('\n');
  return hmac(signing.key, text).toString('hex');
}

/** @param previous signature of the last chunk @param trailers lines `name:value`, in the order they were sent */
export function signTrailers(signing: Signing, previous: string, trailers: readonly string[]): string {
  const canonical = trailers.map((line) => `${line}\n`).join('');
  const text = ['AWS4-HMAC-SHA256-TRAILER', signing.time, signing.scope, previous, sha256(canonical)].join('\n');
  return hmac(signing.key, text).toString('hex');
}

/** Compares two signatures in a time that does not depend on where they differ. */
export function isSameSignature(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
