import type { ByteRange } from './object-files.ts';
import { S3Error } from './s3-error.ts';

/**
 * Reads a Range header (RFC 9110 §14.1.2).
 * @param size bytes of the object
 * @returns the bytes asked for, or undefined for all of them: no header, several ranges at once, another unit
 * @throws S3Error `InvalidRange` (416) when none of the bytes exist
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const isSuffix = first === '';
  const start = isSuffix ? Math.max(0, size - Number(last)) : Number(first);
  const end = isSuffix || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  // An end before its start makes the header invalid, which is as if it were not there.
  if (!isSuffix && last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw new S3Error('InvalidRange', undefined, { 'content-range': `bytes */${size}` });
  return { start, end };
}
