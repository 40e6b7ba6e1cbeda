import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Address } from './address.ts';
import type { Authentication } from './authenticate.ts';
import type { ObjectFolder } from './object-folder.ts';
import type { MultipartUploads } from './multipart-uploads.ts';

/** One authenticated request and everything needed to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly address: Address;
  readonly authentication: Authentication;
  readonly folder: ObjectFolder;
  readonly uploads: MultipartUploads;
}

export type Operation = (exchange: Exchange) => void | Promise<void>;

/** @returns the value of a request header, undefined when it was not sent */
export function headerOf(exchange: Exchange, name: string): string | undefined {
  const value = exchange.request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** Answers with an XML document. */
export function sendXml(exchange: Exchange, xml: string): void {
  const headers = { 'content-type': 'application/xml', 'content-length': String(Buffer.byteLength(xml)) };
  exchange.response.writeHead(200, headers).end(xml);
}

/** Answers without a body. */
export function sendEmpty(exchange: Exchange, status: 200 | 204, headers: Readonly<Record<string, string>> = {}): void {
  exchange.response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' }).end();
}
