/** Every error leaves the console here: as a page for people, as problem+json (RFC 9457) for programs. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { wantsPage } from './guard.ts';
import { messagePage } from './pages/message-page.ts';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'This request is not right',
  401: 'Log in first',
  403: 'Not allowed',
  404: 'Not found',
  413: 'Too large',
  415: 'Unknown kind of content',
  503: 'Unavailable just now',
};
const INTERNAL = { status: 500, code: 'INTERNAL', title: 'Something went wrong', detail: 'The log of the console has the cause.' } as const;

function toSentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;
}

function toProblem(error: FastifyError | AiCoreError): Problem {
  if (AiCoreError.is(error)) {
    const status = error.facts.http;
    return status === INTERNAL.status
      ? INTERNAL
      : { status, code: error.code, title: TITLES[status] ?? 'Error', detail: toSentence(error.reason) };
  }
  const status = error.statusCode ?? INTERNAL.status;
  if (status < 400 || status >= 500) return INTERNAL;
  // Of the framework's own errors only the kind is told: their text can quote the request.
  return {
    status,
    code: status === 413 ? 'TOO_LARGE' : 'REQUEST_INVALID',
    title: TITLES[status] ?? 'This request is not right',
    detail: 'The server did not take the request as it was sent.',
  };
}

function answer(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  reply.code(problem.status);
  if (wantsPage(request)) {
    const page = messagePage({ title: problem.title, text: problem.detail, session: request.session ?? null });
    return reply.type('text/html; charset=utf-8').send(page);
  }
  return reply.type('application/problem+json; charset=utf-8').send({ type: 'about:blank', ...problem });
}

/** Answers errors and unknown addresses. */
export function registerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | AiCoreError>((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500)
      request.log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a request failed');
    return answer(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    answer(request, reply, { status: 404, code: 'NOT_FOUND', title: 'Not found', detail: 'There is nothing at this address.' }),
  );
}
