import type { IncomingHttpHeaders } from 'node:http';
import type { RefusalKind } from '../fault.ts';
import { bearerToken, firstHeader, proxyPage, type Refusal, type Vendor } from '../vendor.ts';
import { jsonReply, type Reply } from '../wire.ts';

interface Row {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly details?: readonly object[];
}

const KEY_DETAIL = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' };
const DAY_QUOTA = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }],
};
const MINUTE_QUOTA = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' }],
};

const ERRORS: Record<Exclude<RefusalKind, 'bad-gateway'>, Row> = {
  'bad-request': { code: 400, status: 'INVALID_ARGUMENT', message: 'Invalid JSON payload received.' },
  unauthenticated: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'API key not valid. Please pass a valid API key.',
    details: [KEY_DETAIL],
  },
  forbidden: { code: 403, status: 'PERMISSION_DENIED', message: 'The caller does not have permission.' },
  quota: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'You exceeded your current quota.', details: [DAY_QUOTA] },
  'model-gone': { code: 404, status: 'NOT_FOUND', message: 'The model is not found for this API version.' },
  context: {
    code: 400,
    status: 'INVALID_ARGUMENT',
    message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  },
  'rate-limit': { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted.', details: [MINUTE_QUOTA] },
  server: { code: 500, status: 'INTERNAL', message: 'An internal error has occurred.' },
  unavailable: { code: 503, status: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
  timeout: { code: 504, status: 'DEADLINE_EXCEEDED', message: 'The deadline was exceeded.' },
  overloaded: { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' },
};

function readKey(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  return firstHeader(headers, 'x-goog-api-key') ?? query.get('key') ?? bearerToken(headers);
}

/** Google's error body. How long to wait stands in it, not in a header. */
function refuse({ kind, message, retryAfterS }: Refusal): Reply {
  if (kind === 'bad-gateway') return proxyPage(502);
  const { code, status, message: usual, details = [] } = ERRORS[kind];
  const wait = retryAfterS === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterS}s` }];
  return jsonReply({ error: { code, message: message ?? usual, status, details: [...details, ...wait] } }, { status: code });
}

export const gemini: Vendor = {
  provider: 'gemini',
  prefix: '/gemini',
  basePath: '/gemini',
  requestIdHeader: null,
  retryAfterIn: 'body',
  needsKey: true,
  readKey,
  refuse,
};

export const googleTts: Vendor = { ...gemini, provider: 'google_tts', prefix: '/google-tts', basePath: '/google-tts' };
