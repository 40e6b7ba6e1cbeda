import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** AWS Signature Version 4 as far as requests and the chunks of a body share it. */
export const ALGORITHM = 'AWS4-HMAC-SHA256';

export const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

/** What a verified request leaves for the signatures inside its body. */
export interface Signing {
  readonly key: Buffer;
  /** `20260102T030405Z`. */
  readonly amzDate: string;
  /** `20260102/us-east-1/s3/aws4_request`. */
  readonly scope: string;
  /** Signature of the request, in hex: the first chunk's signature builds on it. */
  readonly signature: string;
}

export function sha256Hex(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** @param scope date, region, service and terminator, each of which goes into the key */
export function deriveSigningKey(secret: string, scope: string): Buffer {
  return scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`));
}

/** @returns the signature in hex of lines that are joined to the string to sign */
export function signLines(key: Buffer, lines: readonly string[]): string {
  return hmac(key, lines.join('\n')).toString('hex');
}

/** Compares in constant time: how long it takes tells nothing about the right signature. */
export function isSameSignature(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
