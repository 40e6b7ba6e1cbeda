import { S3Error } from './s3-error.ts';

/** What a request's URL names, path style: /bucket/key?parameters. */
export interface Address {
  /** Path as it was sent, still encoded: this is what was signed. */
  readonly rawPath: string;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for a bucket or the service. */
  readonly key: string;
  /** Decoded query, in the order it was sent, repeated names included. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The same query by name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** S3's limit for a key. */
const MAX_KEY_BYTES = 1024;

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}

function readQuery(raw: string): [string, string][] {
  const pairs = raw.split('&').filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const text = pair.replaceAll('+', '%20');
    const equals = text.indexOf('=');
    return equals < 0 ? [decodePart(text), ''] : [decodePart(text.slice(0, equals)), decodePart(text.slice(equals + 1))];
  });
}

/**
 * Reads the target of a request.
 * @param target path and query as they stand in the request line
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function readAddress(target: string): Address {
  const question = target.indexOf('?');
  const rawPath = question < 0 ? target : target.slice(0, question);
  const query = readQuery(question < 0 ? '' : target.slice(question + 1));
  const slash = rawPath.indexOf('/', 1);
  const bucket = decodePart(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
  const key = slash < 0 ? '' : decodePart(rawPath.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError');
  return { rawPath, bucket, key, query, parameters: new Map(query) };
}
