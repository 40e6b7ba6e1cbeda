import { S3Error } from './s3-error.ts';

/** @returns the text with everything but `A-Z a-z 0-9 - . _ ~` as `%XX`, which is what signatures are made of (RFC 3986) */
export function encodePercent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As {@link encodePercent}, but a `/` stays. */
export function encodePath(path: string): string {
  return path.split('/').map(encodePercent).join('/');
}

/** @throws S3Error `InvalidURI` when the text is not percent-encoded UTF-8 */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}
