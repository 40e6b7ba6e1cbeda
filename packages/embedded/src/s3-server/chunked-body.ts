import { createHash, type Hash } from 'node:crypto';
import { S3Error } from './s3-error.ts';
import { isSameSignature, signChunk, signTrailers, type Signing } from './signature.ts';

/**
 * The aws-chunked content encoding: `size[;chunk-signature=...]\r\n data \r\n` until a chunk of size 0, then trailers.
 * Source: Amazon S3 API reference, "Signature calculations for the Authorization header: transferring a payload in multiple chunks".
 */

export interface ChunkedBodyOptions {
  /** Present when each chunk must carry a signature; `seed` is the signature of the request. */
  readonly signed?: { readonly signing: Signing; readonly seed: string } | undefined;
  /** True when signed trailers must follow. */
  readonly signedTrailers?: boolean | undefined;
  /** Told each trailer, names in lower case, after the last data. */
  readonly onTrailer: (name: string, value: string) => void;
}

const MAX_LINE_BYTES = 16_384;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

/** Reads a stream by lines and by counted bytes. */
class ByteReader {
  #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    const bytes = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    return true;
  }

  /** @returns the next line without its CR LF, undefined at the end */
  async line(): Promise<string | undefined> {
    let end: number;
    while ((end = this.#held.indexOf('\r\n')) < 0) {
      if (this.#held.length > MAX_LINE_BYTES) throw new S3Error('IncompleteBody', { message: 'A chunk header is too long.' });
      if (await this.#fill()) continue;
      if (this.#held.length > 0) throw new S3Error('IncompleteBody');
      return undefined;
    }
    const line = this.#held.toString('latin1', 0, end);
    this.#held = this.#held.subarray(end + 2);
    return line;
  }

  /** Up to `count` bytes, as they come. */
  async some(count: number): Promise<Buffer> {
    while (this.#held.length === 0) if (!(await this.#fill())) throw new S3Error('IncompleteBody');
    const bytes = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(bytes.length);
    return bytes;
  }
}

function readChunkHeader(line: string | undefined): { size: number; signature: string } {
  const match = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line ?? '');
  if (!match) throw new S3Error('IncompleteBody', { message: 'The request body is not encoded as aws-chunked.' });
  return { size: Number.parseInt(match[1] ?? '', 16), signature: match[2] ?? '' };
}

/** Checks that the signatures of the chunks form one chain. */
function checkChain({ signed }: ChunkedBodyOptions): {
  startChunk(): Hash | undefined;
  check(hash: Hash | undefined, signature: string): void;
  last(): string;
} {
  let previous = signed?.seed ?? '';
  return {
    startChunk: () => (signed ? createHash('sha256') : undefined),
    check(hash, signature) {
      if (!signed || !hash) return;
      if (!isSameSignature(signChunk(signed.signing, previous, hash.digest('hex')), signature)) {
        throw new S3Error('SignatureDoesNotMatch', { message: 'The signature of a chunk is missing or does not match.' });
      }
      previous = signature;
    },
    last: () => previous,
  };
}

async function readTrailers(reader: ByteReader, options: ChunkedBodyOptions, lastSignature: string): Promise<void> {
  const lines: string[] = [];
  let signature = '';
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    if (line.trim() === '') continue;
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('MalformedTrailerError');
    const [name, value] = [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    if (name === TRAILER_SIGNATURE) {
      signature = value;
      continue;
    }
    lines.push(`${name}:${value}`);
    options.onTrailer(name, value);
  }
  if (
    options.signed &&
    options.signedTrailers === true &&
    !isSameSignature(signTrailers(options.signed.signing, lastSignature, lines), signature)
  ) {
    throw new S3Error('SignatureDoesNotMatch', { message: 'The signature of the trailers is missing or does not match.' });
  }
}

/**
 * Undoes aws-chunked while it streams. What it yields is only to be believed once the generator has ended without an error.
 * @throws S3Error IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch
 */
export async function* decodeChunkedBody(source: AsyncIterable<Uint8Array>, options: ChunkedBodyOptions): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  const chain = checkChain(options);
  for (;;) {
    const { size, signature } = readChunkHeader(await reader.line());
    const hash = chain.startChunk();
    for (let left = size; left > 0;) {
      const bytes = await reader.some(left);
      left -= bytes.length;
      hash?.update(bytes);
      yield bytes;
    }
    chain.check(hash, signature);
    if (size === 0) break;
    if ((await reader.line()) !== '') throw new S3Error('IncompleteBody', { message: 'A chunk is longer than it says.' });
  }
  await readTrailers(reader, options, chain.last());
}
