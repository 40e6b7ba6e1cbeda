import { S3Error } from './s3-error.ts';

const MOST_METADATA_BYTES = 2048;
const METADATA_PREFIX = 'x-amz-meta-';

/** Headers that S3 keeps with an object, and that a link may override with `response-...`. */
export const KEPT_HEADERS = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
] as const;

/**
 * @returns the headers of an upload that belong to the object, user metadata among them
 * @throws S3Error `MetadataTooLarge`
 */
export function pickObjectHeaders(headers: ReadonlyMap<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  let metadataBytes = 0;
  for (const [name, value] of headers) {
    if (name.startsWith(METADATA_PREFIX)) metadataBytes += name.length - METADATA_PREFIX.length + Buffer.byteLength(value);
    const own = name === 'content-encoding' ? withoutFraming(value) : value;
    if (own !== '' && (name.startsWith(METADATA_PREFIX) || KEPT_HEADERS.some((each) => each === name))) kept[name] = own;
  }
  if (metadataBytes > MOST_METADATA_BYTES) throw new S3Error('MetadataTooLarge');
  return kept;
}

/** aws-chunked is how the body travelled, not what the object is. */
function withoutFraming(encoding: string): string {
  const encodings = encoding.split(',').map((each) => each.trim());
  return encodings.filter((each) => each !== '' && each !== 'aws-chunked').join(',');
}
