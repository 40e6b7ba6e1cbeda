import { createHash } from 'node:crypto';
import { PieceReader } from './piece-reader.ts';
import { S3Error } from './s3-error.ts';
import { ALGORITHM, isSameSignature, SHA256_OF_NOTHING, sha256Hex, signLines, type Signing } from './signing.ts';

const LONGEST_LINE_BYTES = 8 * 1024;
const LONGEST_TRAILER_BYTES = 16 * 1024;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

export interface ChunkOptions {
  /** Given when every chunk must carry a signature. */
  readonly signing?: Signing | undefined;
  /** Whether headers follow the last chunk. */
  readonly hasTrailer: boolean;
  /** Filled with the headers after the last chunk, by lower-case name. */
  readonly trailers: Map<string, string>;
}

/**
 * Takes the framing `size;chunk-signature=...` of aws-chunked off a body
 * (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html).
 * A wrong signature is known only after the chunk's bytes have been handed on: use none of them before the end is reached.
 * @throws S3Error `IncompleteBody` broken framing; `SignatureDoesNotMatch` a chunk or trailer with a wrong signature or none
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  { signing, hasTrailer, trailers }: ChunkOptions,
): AsyncGenerator<Buffer, void> {
  const reader = new PieceReader(source);
  let previous = signing?.signature ?? '';
  for (;;) {
    const header = /^([0-9a-f]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec((await reader.readLine(LONGEST_LINE_BYTES)) ?? '');
    if (header === null) throw new S3Error('IncompleteBody');
    const size = Number.parseInt(header[1] ?? '', 16);
    const hash = createHash('sha256');
    for (let left = size; left > 0;) {
      const piece = await reader.readSome(left);
      if (piece.length === 0) throw new S3Error('IncompleteBody');
      left -= piece.length;
      if (signing !== undefined) hash.update(piece);
      yield piece;
    }
    if (signing !== undefined) {
      const lines = [`${ALGORITHM}-PAYLOAD`, signing.amzDate, signing.scope, previous, SHA256_OF_NOTHING, hash.digest('hex')];
      previous = checkSignature(signLines(signing.key, lines), header[2]);
    }
    if (size === 0) break;
    if ((await reader.readLine(2)) !== '') throw new S3Error('IncompleteBody');
  }

  const lines = await readTrailerLines(reader);
  if (!hasTrailer) {
    if (lines.length > 0) throw new S3Error('IncompleteBody');
    return;
  }
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('IncompleteBody');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (signing === undefined) return;
  const given = trailers.get(TRAILER_SIGNATURE);
  trailers.delete(TRAILER_SIGNATURE);
  const signed = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
  checkSignature(signLines(signing.key, [`${ALGORITHM}-TRAILER`, signing.amzDate, signing.scope, previous, sha256Hex(signed)]), given);
}

function checkSignature(expected: string, given: string | undefined): string {
  if (given === undefined || !isSameSignature(expected, given)) {
    throw new S3Error('SignatureDoesNotMatch', 'A chunk of the body does not have the signature that the secret of this access key gives.');
  }
  return expected;
}

/** The trailer ends where the body ends; clients differ in the empty lines around it. */
async function readTrailerLines(reader: PieceReader): Promise<string[]> {
  const pieces: Buffer[] = [];
  let size = 0;
  for (;;) {
    const piece = await reader.readSome(LONGEST_TRAILER_BYTES);
    if (piece.length === 0) break;
    size += piece.length;
    if (size > LONGEST_TRAILER_BYTES) throw new S3Error('IncompleteBody');
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('latin1');
  return text.split(/\r?\n/).filter((line) => line !== '');
}
