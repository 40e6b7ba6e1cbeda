import { createHash } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CHECKSUM_NAMES, checksumOfHeader, startChecksum, type Checksum, type ChecksumName, type Checksums } from './checksum.ts';
import { decodeChunkedBody } from './chunked-body.ts';
import { headerOf, type Exchange } from './exchange.ts';
import { S3Error } from './s3-error.ts';

/** A body that arrived whole and agrees with every hash and checksum that was sent with it. */
export interface ReceivedBody {
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly md5: string;
  readonly checksums: Checksums;
}

const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_CHUNKS_AND_TRAILERS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const CHUNKED: readonly string[] = [SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILERS, UNSIGNED_CHUNKS];
const XML_LIMIT_BYTES = 4_000_000;

function checkPayloadWord(payload: string): void {
  if (/^[0-9a-f]{64}$/.test(payload) || payload === 'UNSIGNED-PAYLOAD' || CHUNKED.includes(payload)) return;
  if (payload.startsWith('STREAMING-')) throw new S3Error('NotImplemented', { message: `The payload ${payload} is not implemented.` });
  throw new S3Error('InvalidArgument', { message: 'x-amz-content-sha256 must be a SHA-256 or one of the words S3 defines.' });
}

/** Algorithms whose values come in trailers. */
function announcedTrailers(exchange: Exchange): ChecksumName[] {
  const names = (headerOf(exchange, 'x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.flatMap((name) => checksumOfHeader(name) ?? []);
}

function sentChecksums(exchange: Exchange): Checksums {
  const sent: Checksums = {};
  for (const name of CHECKSUM_NAMES) {
    const value = headerOf(exchange, `x-amz-checksum-${name}`);
    if (value !== undefined) sent[name] = value;
  }
  return sent;
}

function checkMd5(exchange: Exchange, md5: Buffer): void {
  const sent = headerOf(exchange, 'content-md5');
  if (sent === undefined) return;
  const bytes = Buffer.from(sent, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest');
  if (!bytes.equals(md5)) throw new S3Error('BadDigest', { message: 'The Content-MD5 you specified did not match what we received.' });
}

/** Streams the decoded body into `take`, then checks it. */
async function receive(exchange: Exchange, take: (body: AsyncIterable<Buffer>) => Promise<void>): Promise<ReceivedBody> {
  const { payload, signing, signature } = exchange.authentication;
  checkPayloadWord(payload);
  const sent = sentChecksums(exchange);
  const announced = announcedTrailers(exchange);
  // CRC32 always: it is native and fast, and readers that ask for a checksum then get one.
  const wanted = new Set<ChecksumName>(['crc32', ...announced, ...CHECKSUM_NAMES.filter((name) => sent[name] !== undefined)]);
  const running = new Map<ChecksumName, Checksum>([...wanted].map((name) => [name, startChecksum(name)]));
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let size = 0;

  const chunked = CHUNKED.includes(payload);
  const source = exchange.request as AsyncIterable<Buffer>;
  const decoded = chunked
    ? decodeChunkedBody(source, {
        signed: payload === UNSIGNED_CHUNKS ? undefined : { signing, seed: signature },
        signedTrailers: payload === SIGNED_CHUNKS_AND_TRAILERS,
        onTrailer(header, value) {
          const name = checksumOfHeader(header);
          if (name !== undefined) sent[name] = value;
        },
      })
    : source;
  async function* measured(): AsyncGenerator<Buffer> {
    for await (const bytes of decoded) {
      size += bytes.length;
      md5.update(bytes);
      sha256.update(bytes);
      for (const checksum of running.values()) checksum.update(bytes);
      yield bytes;
    }
  }
  await take(measured());

  const length = headerOf(exchange, 'x-amz-decoded-content-length') ?? (chunked ? undefined : headerOf(exchange, 'content-length'));
  if (length !== undefined && Number(length) !== size) throw new S3Error('IncompleteBody');
  if (!chunked && payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256.digest('hex')) throw new S3Error('XAmzContentSHA256Mismatch');
  const md5Bytes = md5.digest();
  checkMd5(exchange, md5Bytes);
  for (const name of announced) {
    if (sent[name] === undefined) throw new S3Error('MalformedTrailerError', { message: `The trailer x-amz-checksum-${name} is missing.` });
  }
  const checksums: Checksums = {};
  for (const [name, checksum] of running) {
    const value = checksum.digest();
    if (sent[name] !== undefined && sent[name] !== value) {
      throw new S3Error('BadDigest', { message: `The ${name.toUpperCase()} you specified did not match the calculated checksum.` });
    }
    checksums[name] = value;
  }
  return { size, md5: md5Bytes.toString('hex'), checksums };
}

/**
 * Writes a request's body into a new temporary file.
 * @throws S3Error when the body is cut short or a hash, checksum or chunk signature is wrong; no file is left then
 */
export async function receiveFile(exchange: Exchange): Promise<ReceivedBody & { readonly file: string }> {
  const file = exchange.folder.temporaryFile();
  try {
    const body = await receive(exchange, (bytes) =>
      pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(file, { flush: exchange.folder.durable })),
    );
    return { ...body, file };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Reads a request's XML body. @throws S3Error as receiveFile does, MalformedXML when it is too long */
export async function receiveText(exchange: Exchange): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  await receive(exchange, async (bytes) => {
    for await (const part of bytes) {
      size += part.length;
      if (size > XML_LIMIT_BYTES) throw new S3Error('MalformedXML', { message: 'The XML of the request is too long.' });
      parts.push(part);
    }
  });
  return Buffer.concat(parts).toString('utf8');
}
