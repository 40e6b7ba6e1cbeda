import type { RefusalKind } from '../fault.ts';
import { bearerToken, proxyPage, type Refusal, type Vendor } from '../vendor.ts';
import { jsonReply, type Reply } from '../wire.ts';

type Row = readonly [status: number, type: string, code: string | null, message: string];

const ERRORS: Record<Exclude<RefusalKind, 'bad-gateway'>, Row> = {
  'bad-request': [400, 'invalid_request_error', 'invalid_value', 'The request body is not valid.'],
  unauthenticated: [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
  forbidden: [403, 'invalid_request_error', 'unsupported_country_region_territory', 'This key may not do that.'],
  quota: [429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'],
  'model-gone': [404, 'invalid_request_error', 'model_not_found', 'The model does not exist or you do not have access to it.'],
  context: [400, 'invalid_request_error', 'context_length_exceeded', "This model's maximum context length was exceeded."],
  'rate-limit': [429, 'requests', 'rate_limit_exceeded', 'Rate limit reached for requests.'],
  server: [500, 'server_error', null, 'The server had an error while processing your request.'],
  unavailable: [503, 'service_unavailable_error', null, 'The service is temporarily unavailable.'],
  timeout: [504, 'server_error', null, 'The request timed out.'],
  overloaded: [503, 'service_unavailable_error', 'server_overloaded', 'The engine is currently overloaded, please try again later.'],
};

/** The error body of OpenAI and of everything that speaks its protocol. */
function refuse({ kind, message }: Refusal): Reply {
  if (kind === 'bad-gateway') return proxyPage(502);
  const [status, type, code, usual] = ERRORS[kind];
  return jsonReply({ error: { message: message ?? usual, type, param: null, code } }, { status });
}

export const openai: Vendor = {
  provider: 'openai',
  prefix: '/openai',
  basePath: '/openai/v1',
  requestIdHeader: 'x-request-id',
  retryAfterIn: 'header',
  needsKey: true,
  readKey: bearerToken,
  refuse,
};

/** A server on one's own machine (vLLM, Ollama, llama.cpp) that speaks OpenAI's protocol and wants no key. */
export const localSmallModel: Vendor = {
  ...openai,
  provider: 'local_small_model',
  prefix: '/local',
  basePath: '/local/v1',
  needsKey: false,
};
