import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderName } from '@ai-core/core';
import type { RefusalKind } from './fault.ts';
import type { Reply } from './wire.ts';

export interface Refusal {
  readonly kind: RefusalKind;
  /** Replaces the vendor's usual sentence. */
  readonly message?: string | undefined;
  /** How long the client is asked to wait. */
  readonly retryAfterS?: number | undefined;
  readonly requestId: string;
}

/** What all wire formats of one vendor have in common. */
export interface Vendor {
  readonly provider: ProviderName;
  /** First part of the path of all its routes. */
  readonly prefix: string;
  /** What a client's base URL is, below the simulator's own. */
  readonly basePath: string;
  /** Header with the vendor's id of the call; null where it has none. */
  readonly requestIdHeader: string | null;
  /** Where the vendor says how long to wait. */
  readonly retryAfterIn: 'header' | 'body';
  /** False where the vendor takes no key. */
  readonly needsKey: boolean;
  /** The API key as the client sent it. */
  readKey(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined;
  /** An HTTP error in the vendor's own shape. The caller adds the headers. */
  refuse(refusal: Refusal): Reply;
}

/** @returns the token of an `Authorization: Bearer` header */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const [scheme, token] = (headers.authorization ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

/** @returns the first value of a header */
export function firstHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The page that a proxy in front of a vendor shows when the vendor is down. */
export function proxyPage(status: number): Reply {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${status}</title></head>\r\n<body><center><h1>${status}</h1></center><hr><center>proxy</center></body>\r\n</html>\r\n`,
  };
}

/** Puts the vendor's id of the call into a reply's headers. */
export function withRequestId(vendor: Vendor, reply: Reply, requestId: string): Reply {
  if (vendor.requestIdHeader === null) return reply;
  return { ...reply, headers: { ...reply.headers, [vendor.requestIdHeader]: requestId } };
}
