import { createHash } from 'node:crypto';
import { CHECKSUM_NAMES, checksumHeader, startChecksum, type ChecksumName, type Checksums } from './checksums.ts';
import { decodeChunks } from './decode-chunks.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { UNSIGNED_PAYLOAD, type VerifiedRequest } from './verify-signature.ts';

const LARGEST_BODY_BYTES = 5 * 1024 ** 3;

/** S3's words for a body in chunks, in place of its SHA-256. */
const STREAMING: Readonly<Record<string, { readonly isSigned: boolean; readonly hasTrailer: boolean }>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { isSigned: false, hasTrailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { isSigned: true, hasTrailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { isSigned: true, hasTrailer: true },
};

export interface ReceivedBody {
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  /** CRC32 and whatever the client named. */
  readonly checksums: Checksums;
}

/**
 * Hands a body on piece by piece and verifies its length, signatures and every checksum the client sent.
 * @param take told each piece; what it was told counts only when this function returns
 * @throws S3Error when anything does not match
 */
export async function receiveBody(
  request: S3Request,
  verified: VerifiedRequest,
  take: (piece: Buffer) => Promise<void> | void,
): Promise<ReceivedBody> {
  const { headers } = request;
  const streaming = STREAMING[verified.payload];
  if (streaming === undefined && verified.payload !== UNSIGNED_PAYLOAD && !/^[0-9a-f]{64}$/.test(verified.payload)) {
    throw new S3Error('NotImplemented', 'This server does not know this kind of x-amz-content-sha256.');
  }
  const length = readLength(headers, streaming !== undefined);
  // Not destroyed when this function throws: the client must still be able to read the answer.
  const raw: AsyncIterable<Buffer> = request.body.iterator({ destroyOnReturn: false });
  const trailers = new Map<string, string>();
  const signing = streaming?.isSigned === true ? verified.signing : undefined;
  const pieces = streaming === undefined ? raw : decodeChunks(raw, { signing, hasTrailer: streaming.hasTrailer, trailers });

  const announced = (headers.get('x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const names = CHECKSUM_NAMES.filter(
    (name) => name === 'crc32' || headers.has(checksumHeader(name)) || announced.includes(checksumHeader(name)),
  );
  const running = new Map(names.map((name) => [name, startChecksum(name)]));
  const md5 = createHash('md5');
  const sha256 = streaming === undefined && verified.payload !== UNSIGNED_PAYLOAD ? createHash('sha256') : undefined;
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > length) throw new S3Error('IncompleteBody');
    md5.update(piece);
    sha256?.update(piece);
    for (const checksum of running.values()) checksum.update(piece);
    await take(piece);
  }

  if (size !== length) throw new S3Error('IncompleteBody');
  const missing = announced.find((name) => name !== '' && !trailers.has(name));
  if (missing !== undefined) throw new S3Error('IncompleteBody', `x-amz-trailer announces ${missing}, but it did not come.`);
  if (sha256 !== undefined && sha256.digest('hex') !== verified.payload) throw new S3Error('XAmzContentSHA256Mismatch');
  const md5Bytes = md5.digest();
  checkMd5(headers.get('content-md5'), md5Bytes);
  const checksums: Partial<Record<ChecksumName, string>> = {};
  for (const [name, checksum] of running) {
    const value = checksum.digest();
    const claimed = trailers.get(checksumHeader(name)) ?? headers.get(checksumHeader(name));
    if (claimed !== undefined && claimed !== value)
      throw new S3Error('BadDigest', `The ${name} of the request does not match the bytes that arrived.`);
    checksums[name] = value;
  }
  return { size, md5: md5Bytes.toString('hex'), checksums };
}

function readLength(headers: ReadonlyMap<string, string>, isStreaming: boolean): number {
  const length = headers.get(isStreaming ? 'x-amz-decoded-content-length' : 'content-length') ?? '';
  if (!/^\d+$/.test(length)) throw new S3Error('MissingContentLength');
  if (Number(length) > LARGEST_BODY_BYTES) throw new S3Error('EntityTooLarge');
  return Number(length);
}

function checkMd5(claimed: string | undefined, actual: Buffer): void {
  if (claimed === undefined) return;
  const bytes = Buffer.from(claimed, 'base64');
  if (bytes.length !== actual.length) throw new S3Error('InvalidDigest');
  if (!bytes.equals(actual)) throw new S3Error('BadDigest');
}
