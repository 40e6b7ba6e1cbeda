import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { AudioRequest, TextRequest } from './request-schema.ts';
import type { Json } from './request.ts';

/** A chat is its text request and what stands beside it. */
type Chat = TextRequest & { readonly messages?: Json | undefined; readonly tools?: Json | undefined };

/**
 * Tells whether two requests under one idempotency key are the same: SHA-256 in hex over the canonical JSON (RFC 8785) of
 * everything the caller sent, defaults filled in. Unlike the hash of a prompt it is not an identity of the answer: who asks, how
 * urgent it is and which cache mode was wanted are all in it.
 * @param simulated whether providers are emulated; a replay never crosses from one kind to the other
 */
export function fingerprintRequest(request: TextRequest | AudioRequest | Chat, simulated: boolean): string {
  return hash('sha256', canonicalize({ request, simulated }) ?? '');
}
