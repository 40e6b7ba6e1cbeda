import { headerOf, type Exchange } from './exchange.ts';
import type { Conditions } from './conditions.ts';
import { S3Error } from './s3-error.ts';

/** Headers of an upload that belong to the object. */
const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-language', 'expires'];
const MAX_TAGS = 10;

/** Content-Encoding without the transfer's own aws-chunked. */
function contentEncoding(exchange: Exchange): string {
  const encodings = (headerOf(exchange, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  return encodings.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked').join(',');
}

/** @returns the headers of an upload that every later response repeats */
export function readObjectHeaders(exchange: Exchange): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of Object.keys(exchange.request.headers)) {
    if (KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-')) kept[name] = headerOf(exchange, name) ?? '';
  }
  const encoding = contentEncoding(exchange);
  if (encoding !== '') kept['content-encoding'] = encoding;
  return kept;
}

/** @throws S3Error InvalidTag when there are more tags than S3 allows */
export function checkTags(tags: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const byName = Object.fromEntries(tags);
  const valid = Object.entries(byName).every(([name, value]) => name !== '' && name.length <= 128 && value.length <= 256);
  if (!valid || tags.length > MAX_TAGS || Object.keys(byName).length < tags.length) throw new S3Error('InvalidTag');
  return byName;
}

/** @returns the tags of an upload's x-amz-tagging header */
export function readTagHeader(exchange: Exchange): Record<string, string> {
  return checkTags([...new URLSearchParams(headerOf(exchange, 'x-amz-tagging') ?? '')]);
}

/** @param prefix `x-amz-copy-source-` for the conditions on the source of a copy */
export function readConditions(exchange: Exchange, prefix = ''): Conditions {
  return {
    ifMatch: headerOf(exchange, `${prefix}if-match`),
    ifNoneMatch: headerOf(exchange, `${prefix}if-none-match`),
    ifModifiedSince: headerOf(exchange, `${prefix}if-modified-since`),
    ifUnmodifiedSince: headerOf(exchange, `${prefix}if-unmodified-since`),
  };
}

/** Headers a signed link may set for the response. */
export function readResponseOverrides(exchange: Exchange): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of [...KEPT_HEADERS, 'content-encoding']) {
    const value = exchange.address.parameters.get(`response-${name}`);
    if (value === undefined) continue;
    if (/\p{Cc}/u.test(value)) throw new S3Error('InvalidArgument', { message: `response-${name} has control characters.` });
    // Headers carry bytes: other scripts travel as UTF-8.
    overrides[name] = Buffer.from(value, 'utf8').toString('latin1');
  }
  return overrides;
}
