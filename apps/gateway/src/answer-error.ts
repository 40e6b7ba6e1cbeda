import { AiCoreError, ERRORS, type ErrorCode } from '@ai-core/core';
import type { FastifyError, FastifyReply } from 'fastify';
import type { ErrorShape, Route } from './route.ts';

/** An error as RFC 9457 writes it. */
export function problemOf(error: AiCoreError, requestId: string): object {
  return {
    type: `urn:ai-core:error:${error.code}`,
    title: error.facts.advice,
    status: error.facts.http,
    detail: error.reason,
    code: error.code,
    retry: error.facts.retry,
    job_id: error.jobId,
    request_id: requestId,
  };
}

const problem: ErrorShape = (error, requestId) => ({
  contentType: 'application/problem+json; charset=utf-8',
  body: problemOf(error, requestId),
});

/** What OpenAI calls the kinds of errors, by HTTP status. */
const OPENAI_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'insufficient_quota',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
};

/** An error as OpenAI's API writes it. */
export function openAiError(error: AiCoreError): object {
  const { http, advice } = error.facts;
  const type = OPENAI_TYPES[http] ?? (http < 500 ? 'invalid_request_error' : 'server_error');
  return { error: { message: `${error.reason} (${advice})`, type, param: null, code: error.code } };
}

const openai: ErrorShape = (error) => ({ contentType: 'application/json; charset=utf-8', body: openAiError(error) });

const SHAPES: Record<Route['errors'], ErrorShape> = { problem, openai };

/** What Fastify itself refuses, in our words. Its own messages can quote what was sent. */
const REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['TOO_LARGE', 'the body is larger than this route takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['REQUEST_INVALID', 'the Content-Type is not one this route takes; send application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['REQUEST_INVALID', 'the body is not as long as Content-Length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['REQUEST_INVALID', 'the body is empty'],
  FST_ERR_BAD_URL: ['REQUEST_INVALID', 'the address is not a valid URL path'],
};

/** Any failure as one of the table. */
export function toAiCoreError(error: unknown): AiCoreError {
  if (AiCoreError.is(error)) return error;
  const { code, statusCode } = error as Partial<FastifyError>;
  const refusal = code === undefined ? undefined : REFUSALS[code];
  if (refusal !== undefined) return new AiCoreError(...refusal, { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AiCoreError('REQUEST_INVALID', 'the request is not one this server understands', { cause: error });
  return AiCoreError.from(error);
}

/** Sends an error in the shape of its route. */
export function answerError(reply: FastifyReply, error: AiCoreError, shape: Route['errors']): FastifyReply {
  const { contentType, body } = SHAPES[shape](error, reply.request.id);
  if (error.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="ai-core"');
  const retryAfterMs = error.retryAfterMs ?? (ERRORS[error.code].retry === 'later' ? 1_000 : undefined);
  if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  reply.header('x-ai-core-error', error.code);
  return reply.code(error.facts.http).type(contentType).send(JSON.stringify(body));
}
