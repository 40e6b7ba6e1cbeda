import type { RefusalKind } from '../fault.ts';
import { bearerToken, firstHeader, proxyPage, type Vendor } from '../vendor.ts';
import { jsonReply } from '../wire.ts';

type Row = readonly [status: number, type: string, message: string];

const ERRORS: Record<Exclude<RefusalKind, 'bad-gateway'>, Row> = {
  'bad-request': [400, 'invalid_request_error', 'The request body is not valid.'],
  unauthenticated: [401, 'authentication_error', 'invalid x-api-key'],
  forbidden: [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  quota: [402, 'billing_error', 'Your credit balance is too low to access the API.'],
  'model-gone': [404, 'not_found_error', 'model: not found'],
  context: [400, 'invalid_request_error', 'prompt is too long: 1200000 tokens > 1000000 maximum'],
  'rate-limit': [429, 'rate_limit_error', 'This request would exceed your rate limit.'],
  server: [500, 'api_error', 'Internal server error'],
  unavailable: [503, 'api_error', 'Service unavailable'],
  timeout: [504, 'timeout_error', 'The request timed out.'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
};

export const claude: Vendor = {
  provider: 'claude',
  prefix: '/claude',
  basePath: '/claude',
  requestIdHeader: 'request-id',
  retryAfterIn: 'header',
  needsKey: true,
  readKey: (headers) => firstHeader(headers, 'x-api-key') ?? bearerToken(headers),
  refuse({ kind, message, requestId }) {
    if (kind === 'bad-gateway') return proxyPage(502);
    const [status, type, usual] = ERRORS[kind];
    return jsonReply({ type: 'error', error: { type, message: message ?? usual }, request_id: requestId }, { status });
  },
};
