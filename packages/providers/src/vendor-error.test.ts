import { describe, expect, it } from 'vitest';
import { parseVendorError } from './vendor-error.ts';

/** Error bodies as the vendors send them. */
const BODIES: Readonly<Record<string, { body: unknown; words: string[]; retryAfterMs?: number }>> = {
  OpenAI: {
    body: { error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
    words: ['requests', 'rate_limit_exceeded'],
  },
  Anthropic: {
    body: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' },
    words: ['overloaded_error'],
  },
  Google: {
    body: {
      error: {
        code: 429,
        message: 'You exceeded your current quota',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' },
        ],
      },
    },
    words: ['resource_exhausted', 'generaterequestsperdayperproject'],
    retryAfterMs: 34_000,
  },
  ElevenLabs: { body: { detail: { status: 'voice_not_found', message: 'A voice was not found.' } }, words: ['voice_not_found'] },
  Ollama: { body: { error: 'model "x" not found' }, words: [] },
  vLLM: { body: { object: 'error', message: 'The model does not exist.', type: 'NotFoundError', code: 404 }, words: ['notfounderror'] },
};

describe('parseVendorError', () => {
  it.for(Object.entries(BODIES))('reads the error body of %s', ([, { body, words, retryAfterMs }]) => {
    expect(parseVendorError(JSON.stringify(body))).toMatchObject({ words, retryAfterMs });
  });

  it('keeps sentences out of the words, because they may quote a request', () => {
    const body = { error: { message: 'Unknown: my secret', type: 'my secret sentence', code: 'bad_value' } };
    expect(parseVendorError(JSON.stringify(body))?.words).toEqual(['bad_value']);
  });

  it.for(['', '<html></html>', '[]', '{}', 'null', '"error"', '{"error":null}', '{"message":"hello"}'])(
    'finds no error of a vendor in %s',
    (body) => {
      expect(parseVendorError(body)).toBeUndefined();
    },
  );
});
