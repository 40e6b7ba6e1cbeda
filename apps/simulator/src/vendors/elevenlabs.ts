import type { RefusalKind } from '../fault.ts';
import { firstHeader, proxyPage, type Vendor } from '../vendor.ts';
import { jsonReply } from '../wire.ts';

type Row = readonly [httpStatus: number, status: string, message: string];

const ERRORS: Record<Exclude<RefusalKind, 'bad-gateway' | 'bad-request'>, Row> = {
  unauthenticated: [401, 'invalid_api_key', 'Invalid API key'],
  forbidden: [403, 'missing_permissions', 'The API key you used is missing the permission text_to_speech.'],
  quota: [401, 'quota_exceeded', 'This request exceeds your quota.'],
  'model-gone': [404, 'model_not_found', 'A model with that id was not found.'],
  context: [400, 'max_character_limit_exceeded', 'The text is longer than this model takes.'],
  'rate-limit': [429, 'too_many_concurrent_requests', 'Too many concurrent requests.'],
  server: [500, 'internal_server_error', 'Something went wrong.'],
  unavailable: [503, 'service_unavailable', 'The service is unavailable.'],
  timeout: [504, 'gateway_timeout', 'The request took too long.'],
  overloaded: [503, 'system_busy', 'The system is experiencing heavy traffic, please try again.'],
};

export const elevenlabs: Vendor = {
  provider: 'elevenlabs',
  prefix: '/elevenlabs',
  basePath: '/elevenlabs',
  requestIdHeader: 'request-id',
  retryAfterIn: 'header',
  needsKey: true,
  readKey: (headers) => firstHeader(headers, 'xi-api-key'),
  refuse({ kind, message }) {
    if (kind === 'bad-gateway') return proxyPage(502);
    if (kind === 'bad-request') {
      return jsonReply({ detail: [{ type: 'value_error', loc: ['body'], msg: message ?? 'The body is not valid.' }] }, { status: 422 });
    }
    const [httpStatus, status, usual] = ERRORS[kind];
    return jsonReply({ detail: { status, message: message ?? usual } }, { status: httpStatus });
  },
};
