import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './call.ts';
import type { S3Error } from './s3-error.ts';
import { writeXml } from './write-xml.ts';

/** Sends an answer to its end. */
export async function sendAnswer(response: ServerResponse, { status, headers = {}, body }: Answer): Promise<void> {
  if (body === undefined || typeof body === 'string') {
    const isBodiless = status === 204 || status === 304 || headers['content-length'] !== undefined;
    const ownHeaders = {
      ...(body === undefined ? {} : { 'content-type': 'application/xml' }),
      ...(isBodiless ? {} : { 'content-length': String(Buffer.byteLength(body ?? '')) }),
    };
    response.writeHead(status, { ...ownHeaders, ...headers }).end(body);
    return;
  }
  response.writeHead(status, headers);
  await pipeline(body, response);
}

export interface ErrorContext {
  readonly method: string;
  /** Path without its query: a link's query holds a signature. */
  readonly path: string;
  readonly requestId: string;
}

/** @returns an error as S3 words it; HEAD and 304 have no room for words */
export function describeError(error: S3Error, { method, path, requestId }: ErrorContext): Answer {
  if (method === 'HEAD' || error.status === 304) return { status: error.status, headers: error.headers };
  const body = writeXml('Error', { Code: error.code, Message: error.message, Resource: path, RequestId: requestId });
  return { status: error.status, headers: error.headers, body };
}
