import type { Readable } from 'node:stream';
import type { ObjectStore } from './object-store.ts';
import { receiveBody } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { VerifiedRequest } from './verify-signature.ts';

/** A verified request and what is needed to answer it. */
export interface Call {
  readonly request: S3Request;
  readonly verified: VerifiedRequest;
  readonly store: ObjectStore;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An XML document, or the bytes of an object. */
  readonly body?: string | Readable;
}

/** Answers one kind of request. @throws S3Error what the client is told instead */
export type Operation = (call: Call) => Answer | Promise<Answer>;

/** A list of a thousand keys or of ten thousand parts with checksums stays below. */
const LONGEST_DOCUMENT_BYTES = 4 * 1024 ** 2;

/** @returns the verified XML body of a request @throws S3Error `MalformedXML` too long */
export async function receiveDocument({ request, verified }: Call): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  await receiveBody(request, verified, (piece) => {
    size += piece.length;
    if (size > LONGEST_DOCUMENT_BYTES) throw new S3Error('MalformedXML', 'The XML of the request is longer than 4 MiB.');
    pieces.push(piece);
  });
  return Buffer.concat(pieces).toString('utf8');
}
