import { S3Error } from './s3-error.ts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads a Range header of one range. Several ranges, another unit or nonsense count as no range, as RFC 9110 §14.2 allows.
 * @param size bytes of the whole object
 * @returns undefined for the whole object
 * @throws S3Error InvalidRange when the object has no byte of the range
 */
export function readByteRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  const [from, to] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(size - 1, Number(to));
  if (first > last) throw new S3Error('InvalidRange', { headers: { 'content-range': `bytes */${size}` } });
  return { first, last };
}
