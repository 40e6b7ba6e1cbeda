import type { ErrorCode, ProviderName, Usage } from '@ai-core/core';
import { type Charged, isProviderFailure, ProviderFailure } from './failure.ts';
import { readRequestId } from './request-id.ts';
import { readRetryAfter } from './retry-after.ts';
import { parseVendorError, readVendorError, type VendorError } from './vendor-error.ts';
import type { HttpRefusal, WatchedCall } from './watch-call.ts';

/** Words that vendors use for one thing only, whatever the status. The first that is found decides. */
const BY_WORD: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [
    /^(insufficient_quota|quota_exceeded|billing_error|billing_not_active|billing_hard_limit_reached|credit_balance_too_low)$/,
    'PROVIDER_QUOTA_EXHAUSTED',
  ],
  [/perday/, 'PROVIDER_QUOTA_EXHAUSTED'],
  [
    /^(context_length_exceeded|string_above_max_length|max_character_limit_exceeded|text_too_long|request_too_large|exceed_context_size_error)$/,
    'CONTEXT_TOO_LONG',
  ],
  [/^(content_filter|content_policy_violation|moderation_blocked|content_against_policy)$/, 'PROVIDER_REFUSED'],
  [/^(voice|voice_not_found|invalid_voice|voice_does_not_exist)$/, 'VOICE_UNKNOWN'],
  [/^(model_not_found|model_not_available|model_decommissioned|model_id_does_not_exist)$/, 'MODEL_UNKNOWN'],
  [
    /^(invalid_api_key|api_key_invalid|authentication_error|permission_error|permission_denied|unauthenticated|missing_permissions)$/,
    'PROVIDER_AUTH',
  ],
  [/^(rate_limit_error|rate_limit_exceeded|too_many_concurrent_requests|resource_exhausted)$/, 'PROVIDER_RATE_LIMITED'],
  [/^(overloaded_error|system_busy|server_overloaded|api_error|server_error|service_unavailable_error)$/, 'PROVIDER_OVERLOADED'],
  [/^(timeout_error|deadline_exceeded)$/, 'PROVIDER_TIMEOUT'],
];

/** For what has a status but no word of its own. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'PROVIDER_AUTH',
  402: 'PROVIDER_QUOTA_EXHAUSTED',
  403: 'PROVIDER_AUTH',
  409: 'PROVIDER_OVERLOADED',
  413: 'CONTEXT_TOO_LONG',
  425: 'PROVIDER_OVERLOADED',
  429: 'PROVIDER_RATE_LIMITED',
};

/** Anthropic, Google and the small servers say only in prose that a prompt is too long, and answer 400 to it. */
const CONTEXT_PROSE =
  /prompt is too long|input token count.*exceed|maximum context length|exceeds? the (available )?context|context (window|size)|longer than the limit|input size limit|5000 bytes/i;

/** The vendors of speech say mostly in prose that a voice is unknown. */
const VOICE_PROSE = /(invalid|unknown|unsupported) voice|voice\b.*(not (found|supported|available)|does not exist)|['.]voice\b/i;

const SAYS: Readonly<Partial<Record<ErrorCode, string>>> = {
  PROVIDER_QUOTA_EXHAUSTED: 'has no credit left on this account',
  CONTEXT_TOO_LONG: 'finds the prompt too long for this model',
  PROVIDER_REFUSED: 'declined the content',
  VOICE_UNKNOWN: 'does not know this voice',
  MODEL_UNKNOWN: 'does not have this model (any more)',
  PROVIDER_AUTH: 'does not accept the API key',
  PROVIDER_RATE_LIMITED: 'asks to slow down',
  PROVIDER_OVERLOADED: 'is overloaded or failing',
  PROVIDER_TIMEOUT: 'ran out of time by its own clock',
  REQUEST_INVALID: 'finds the request malformed',
  PROVIDER_UNREACHABLE: 'answered as something that is not this provider would; check its base URL',
  PROVIDER_BAD_ANSWER: 'broke off its answer with an error',
};

/** Failed before anything was sent. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
]);
const NOT_TRUSTED = /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

export interface FailedCall {
  readonly provider: ProviderName;
  readonly watched: WatchedCall;
  readonly callerSignal: AbortSignal;
  /** What the part of the answer that came is likely to have cost. */
  readonly partialUsage?: Usage | undefined;
  /** True for calls that providers do not charge for, such as lists of voices. */
  readonly free?: boolean | undefined;
}

function codeOf(error: VendorError | undefined, status: number): ErrorCode {
  // A gateway that gave up waiting says nothing about what became of the call, whatever words it uses.
  if (status === 408 || status === 504) return 'PROVIDER_TIMEOUT';
  for (const [pattern, code] of BY_WORD) if (error?.words.some((word) => pattern.test(word))) return code;
  const prose = error && status >= 400 && status < 500 ? error.message : '';
  if (CONTEXT_PROSE.test(prose)) return 'CONTEXT_TOO_LONG';
  if (VOICE_PROSE.test(prose)) return 'VOICE_UNKNOWN';
  if (status === 404) return error ? 'MODEL_UNKNOWN' : 'PROVIDER_UNREACHABLE';
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 500) return 'PROVIDER_OVERLOADED';
  return status >= 400 && error ? 'REQUEST_INVALID' : 'PROVIDER_UNREACHABLE';
}

/** An HTTP answer other than 2xx. The vendors charge for none, but a gateway's timeout may hide an answer that was made. */
function fromRefusal({ status, headers, body }: HttpRefusal, provider: ProviderName): ProviderFailure {
  const error = parseVendorError(body);
  const code = codeOf(error, status);
  const words = error?.words.length ? ` ${[...new Set(error.words)].join(' ')}` : '';
  return new ProviderFailure(code, `${provider} ${SAYS[code]} (HTTP ${status}${words})`, {
    charged: code === 'PROVIDER_TIMEOUT' ? 'unknown' : 'no',
    retryAfterMs: error?.retryAfterMs ?? readRetryAfter(headers, Date.now()),
    providerRequestId: readRequestId(headers),
  });
}

/** A line of a batch that the vendor gave back with an error. The vendors charge for answered lines only. */
export function refusedLine({ status, body }: { status: number; body: unknown }, provider: ProviderName): ProviderFailure {
  const error = readVendorError(body);
  const code = codeOf(error, status);
  const words = error?.words.length ? ` ${[...new Set(error.words)].join(' ')}` : '';
  return new ProviderFailure(code, `${provider} ${SAYS[code]} (a line of a batch, ${status}${words})`, { charged: 'no' });
}

/** The error code of a failed connection, from wherever in the chain of causes it is. */
function connectionCode(error: unknown): string | undefined {
  for (let link = error, depth = 0; link instanceof Error && depth < 8; link = link.cause, depth += 1) {
    if ('code' in link && typeof link.code === 'string') return link.code;
  }
  return undefined;
}

/** The deepest cause: the SDKs wrap what went wrong, and their wrapping may quote a request. */
function rootCause(error: unknown): unknown {
  let root = error;
  for (let depth = 0; root instanceof Error && root.cause instanceof Error && depth < 8; depth += 1) root = root.cause;
  return root;
}

/**
 * Where an error came from, without its message: an SDK's message may quote the request, the answer or the key, and causes
 * are logged.
 */
function withoutMessage(error: unknown): Error {
  const bare = new Error(error instanceof Error ? error.name : typeof error);
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  bare.stack = [bare.message, ...frames].join('\n');
  return bare;
}

function fromConnection(error: unknown, code: string, { provider, watched, partialUsage }: FailedCall): ProviderFailure {
  const cause = rootCause(error);
  if (NOT_CONNECTED.has(code) || NOT_TRUSTED.test(code)) {
    return new ProviderFailure('PROVIDER_UNREACHABLE', `no connection to ${provider} (${code})`, { charged: 'no', cause });
  }
  if (watched.phase() === 'sent') {
    return new ProviderFailure('PROVIDER_UNREACHABLE', `the connection to ${provider} was lost before it answered (${code})`, {
      charged: 'unknown',
      cause,
    });
  }
  const reason = `the connection to ${provider} was cut in the middle of its answer (${code})`;
  return new ProviderFailure('PROVIDER_BAD_ANSWER', reason, { charged: 'unknown', usage: partialUsage, cause });
}

/** The error event with which a vendor ends a stream that began as HTTP 200. */
function fromStreamEvent(error: unknown, { provider, watched, partialUsage }: FailedCall): ProviderFailure | undefined {
  const body = typeof error === 'object' && error !== null && 'error' in error ? error.error : undefined;
  const event = body === undefined ? undefined : readVendorError(body);
  if (!event) return undefined;
  const headers = watched.headers();
  const found = BY_WORD.find(([pattern]) => event.words.some((word) => pattern.test(word)));
  const code = found ? found[1] : 'PROVIDER_BAD_ANSWER';
  return new ProviderFailure(code, `${provider} ${SAYS[code]} (in the stream: ${event.words.join(' ') || 'no reason given'})`, {
    charged: 'unknown',
    usage: partialUsage,
    providerRequestId: headers ? readRequestId(headers) : null,
  });
}

function chargedIf(sent: boolean): Charged {
  return sent ? 'unknown' : 'no';
}

/**
 * Turns whatever a vendor call threw into the one failure the rest of the system knows. This is the only place where
 * vendors' errors are read.
 * @param error what was thrown
 * @param failed the call, as far as it came
 */
export function mapFailure(error: unknown, failed: FailedCall): ProviderFailure {
  const failure = isProviderFailure(error) ? error : judge(error, failed);
  if (!failed.free || failure.charged === 'no') return failure;
  const { code, reason, retryAfterMs, providerRequestId, cause } = failure;
  return new ProviderFailure(code, reason, { charged: 'no', retryAfterMs, providerRequestId, cause });
}

function judge(error: unknown, failed: FailedCall): ProviderFailure {
  const { provider, watched, callerSignal, partialUsage } = failed;
  const phase = watched.phase();
  const sent = phase !== 'ready';
  const headers = watched.headers();
  const facts = { usage: partialUsage, providerRequestId: headers ? readRequestId(headers) : null };

  const refusal = watched.refusal();
  if (refusal) return fromRefusal(refusal, provider);
  const expired = watched.expired();
  if (expired) {
    return new ProviderFailure('PROVIDER_TIMEOUT', `${provider} took too long (${expired} timeout)`, {
      charged: chargedIf(sent),
      ...facts,
    });
  }
  if (callerSignal.aborted) {
    return new ProviderFailure('JOB_CANCELLED', `the call of ${provider} was cancelled`, { charged: chargedIf(sent), ...facts });
  }
  const event = fromStreamEvent(error, failed);
  if (event) return event;
  const cut = connectionCode(error);
  if (sent && cut !== undefined) return fromConnection(error, cut, failed);
  const cause = withoutMessage(error);
  if (headers === undefined) {
    const reason = `the call of ${provider} failed inside this program (${cause.message})`;
    return new ProviderFailure('INTERNAL', reason, { charged: chargedIf(sent), cause });
  }
  return new ProviderFailure('PROVIDER_BAD_ANSWER', `${provider} answered something that cannot be read (${cause.message})`, {
    charged: 'unknown',
    cause,
    ...facts,
  });
}
