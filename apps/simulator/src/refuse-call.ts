import { ZodError } from 'zod';
import type { Fault, RefusalKind } from './fault.ts';
import { RefusalError } from './refusal-error.ts';
import { type Vendor, withRequestId } from './vendor.ts';
import type { Reply, WireRequest } from './wire.ts';

/** How long a refusal asks the client to wait, in seconds. */
export function waitOf({ name, parameters }: Fault): number | undefined {
  const seconds = parameters['retry-after'] ?? (name === 'rate-limit' ? '1' : 'none');
  return seconds === 'none' ? undefined : Number(seconds);
}

interface RefusalOptions {
  readonly requestId: string;
  readonly message?: string;
  readonly retryAfterS?: number | undefined;
  /** Say when to come back instead of how long to wait. */
  readonly asDate?: boolean;
}

/** The vendor's error, with its id of the call and the time to wait where the vendor puts them. */
export function refusalReply(
  vendor: Vendor,
  kind: RefusalKind,
  { requestId, message, retryAfterS, asDate = false }: RefusalOptions,
): Reply {
  const reply = withRequestId(vendor, vendor.refuse({ kind, requestId, message, retryAfterS }), requestId);
  if (retryAfterS === undefined || vendor.retryAfterIn === 'body') return reply;
  const now = Date.now();
  // Both dates from one look at the clock, so that their difference is exact.
  const wait: Record<string, string> = asDate
    ? { date: new Date(now).toUTCString(), 'retry-after': new Date(now + retryAfterS * 1000).toUTCString() }
    : { 'retry-after': String(retryAfterS) };
  return { ...reply, headers: { ...reply.headers, ...wait } };
}

/** Why a body was not taken, in a sentence. */
function complaint(error: unknown): string {
  if (!(error instanceof ZodError)) return error instanceof Error ? error.message : 'The request body is not valid.';
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}

/**
 * The key a client must send: any, but `revoked` in it makes the vendor refuse it.
 * @returns the refusal, or undefined when the key is good
 */
export function refuseKey(vendor: Vendor, request: WireRequest): RefusalKind | undefined {
  if (!vendor.needsKey) return undefined;
  const key = vendor.readKey(request.headers, request.query);
  return key === undefined || key === '' || key.includes('revoked') ? 'unauthenticated' : undefined;
}

/** The vendor's answer to a body that it does not take. */
export function replyToBadBody(vendor: Vendor, error: unknown, requestId: string): Reply {
  if (!(error instanceof RefusalError)) return refusalReply(vendor, 'bad-request', { requestId, message: complaint(error) });
  const { refusal } = error;
  return typeof refusal === 'string' ? refusalReply(vendor, refusal, { requestId }) : withRequestId(vendor, refusal, requestId);
}
