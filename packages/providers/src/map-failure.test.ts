import { describe, expect, it } from 'vitest';
import { ProviderFailure } from './failure.ts';
import { type FailedCall, mapFailure } from './map-failure.ts';
import type { HttpRefusal, WatchedCall } from './watch-call.ts';

function failedCall(watched: Partial<WatchedCall> = {}, callerSignal = new AbortController().signal): FailedCall {
  return {
    provider: 'gemini',
    callerSignal,
    watched: {
      fetch: globalThis.fetch,
      signal: callerSignal,
      sdkTimeoutMs: 1_000,
      phase: () => 'sent',
      expired: () => undefined,
      headers: () => undefined,
      refusal: () => undefined,
      end: () => undefined,
      ...watched,
    },
  };
}

function refused(status: number, body: unknown, headers: Record<string, string> = {}): ProviderFailure {
  const refusal: HttpRefusal = { status, headers: new Headers(headers), body: typeof body === 'string' ? body : JSON.stringify(body) };
  return mapFailure(new Error('from the SDK'), failedCall({ refusal: () => refusal }));
}

function google(status: string, message = '', details: object[] = []): object {
  return { error: { code: 400, status, message, details } };
}

describe('mapFailure', () => {
  it.for<[string, number, unknown, string]>([
    [
      'a daily quota of Google',
      429,
      google('RESOURCE_EXHAUSTED', '', [{ violations: [{ quotaId: 'RequestsPerDay' }] }]),
      'PROVIDER_QUOTA_EXHAUSTED',
    ],
    [
      'a minute limit of Google',
      429,
      google('RESOURCE_EXHAUSTED', '', [{ violations: [{ quotaId: 'RequestsPerMinute' }] }]),
      'PROVIDER_RATE_LIMITED',
    ],
    ['a wrong key of Google, which is a 400', 400, google('INVALID_ARGUMENT', '', [{ reason: 'API_KEY_INVALID' }]), 'PROVIDER_AUTH'],
    ['a long prompt of Google', 400, google('INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum (8).'), 'CONTEXT_TOO_LONG'],
    [
      'a long prompt of Anthropic',
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } },
      'CONTEXT_TOO_LONG',
    ],
    [
      'a long prompt of vLLM',
      400,
      { message: "This model's maximum context length is 8192 tokens.", type: 'BadRequestError', code: 400 },
      'CONTEXT_TOO_LONG',
    ],
    ['a body that is too large', 413, '', 'CONTEXT_TOO_LONG'],
    ['a quota of ElevenLabs, which is a 401', 401, { detail: { status: 'quota_exceeded' } }, 'PROVIDER_QUOTA_EXHAUSTED'],
    ['too many calls of ElevenLabs at once', 429, { detail: { status: 'too_many_concurrent_requests' } }, 'PROVIDER_RATE_LIMITED'],
    ['an unknown voice', 404, { detail: { status: 'voice_not_found' } }, 'VOICE_UNKNOWN'],
    ['blocked content', 400, { error: { code: 'content_policy_violation', message: '' } }, 'PROVIDER_REFUSED'],
    ['a model that is gone', 404, { error: { message: 'not found', type: 'not_found_error' } }, 'MODEL_UNKNOWN'],
    ['a web server that is no provider', 404, '<html>', 'PROVIDER_UNREACHABLE'],
    ['a redirect', 302, '', 'PROVIDER_UNREACHABLE'],
    ['a payment due', 402, '', 'PROVIDER_QUOTA_EXHAUSTED'],
    ['an unknown 5xx', 599, '', 'PROVIDER_OVERLOADED'],
    ['any other 4xx of a vendor', 422, { error: { message: 'no', type: 'invalid_request_error' } }, 'REQUEST_INVALID'],
  ])('knows %s', ([, status, body, code]) => {
    expect(refused(status, body)).toMatchObject({ code, charged: 'no' });
  });

  it('takes the time to wait from the body where Google puts it', () => {
    expect(refused(429, google('RESOURCE_EXHAUSTED', '', [{ retryDelay: '34s' }])).retryAfterMs).toBe(34_000);
  });

  it('tells the status and the words of the vendor, and none of its prose', () => {
    const failure = refused(400, {
      error: { type: 'invalid_request_error', code: 'unsupported_value', param: 'temperature', message: 'Secret prompt' },
    });
    expect(failure.message).toBe(
      'REQUEST_INVALID: gemini finds the request malformed (HTTP 400 invalid_request_error unsupported_value temperature)',
    );
    expect(failure.cause).toBeUndefined();
  });

  it('does not know whether a call was charged that a gateway gave up waiting for', () => {
    expect(refused(504, { error: { message: '', type: 'server_error' } })).toMatchObject({ code: 'PROVIDER_TIMEOUT', charged: 'unknown' });
    expect(refused(408, '')).toMatchObject({ code: 'PROVIDER_TIMEOUT', charged: 'unknown' });
  });

  it.for<[string, string, 'no' | 'unknown']>([
    ['ECONNREFUSED', 'PROVIDER_UNREACHABLE', 'no'],
    ['ENOTFOUND', 'PROVIDER_UNREACHABLE', 'no'],
    ['UND_ERR_CONNECT_TIMEOUT', 'PROVIDER_UNREACHABLE', 'no'],
    ['CERT_HAS_EXPIRED', 'PROVIDER_UNREACHABLE', 'no'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'PROVIDER_UNREACHABLE', 'no'],
    ['ECONNRESET', 'PROVIDER_UNREACHABLE', 'unknown'],
    ['UND_ERR_SOCKET', 'PROVIDER_UNREACHABLE', 'unknown'],
  ])('calls a connection that failed with %s %s, charged: %s', ([code, expected, charged]) => {
    const cause = new TypeError('fetch failed', { cause: Object.assign(new Error('socket'), { code }) });
    expect(mapFailure(new Error('Connection error.', { cause }), failedCall())).toMatchObject({ code: expected, charged });
  });

  it('reads the error event in which a stream ends', () => {
    const watched = { phase: () => 'answering' as const, headers: () => new Headers({ 'request-id': 'req_9' }) };
    const event = Object.assign(new Error('x'), { error: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } });
    expect(mapFailure(event, failedCall(watched))).toMatchObject({
      code: 'PROVIDER_OVERLOADED',
      charged: 'unknown',
      providerRequestId: 'req_9',
    });
    const unknown = Object.assign(new Error('x'), { error: { type: 'novel', message: 'Something' } });
    expect(mapFailure(unknown, failedCall(watched))).toMatchObject({ code: 'PROVIDER_BAD_ANSWER', charged: 'unknown' });
  });

  it('keeps where an unexpected error came from and drops what it says', () => {
    const failure = mapFailure(new RangeError('my secret prompt'), failedCall({ phase: () => 'ready' }));
    expect(failure).toMatchObject({ code: 'INTERNAL', charged: 'no' });
    expect(failure.cause).toBeInstanceOf(Error);
    const shown = `${failure.message} ${(failure.cause as Error).message} ${(failure.cause as Error).stack}`;
    expect(shown).toContain('RangeError');
    expect(shown).toContain('map-failure.test.ts');
    expect(shown).not.toContain('secret');
  });

  it('passes on what is already a failure of a provider', () => {
    const failure = new ProviderFailure('PROVIDER_REFUSED', 'declined', { charged: 'yes' });
    expect(mapFailure(failure, failedCall())).toBe(failure);
  });
});
