import type { Logger } from '@ai-core/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';

const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/** One line for each request: who asked what and how it ended. Never a prompt, an answer, a key or an address with its query. */
export function logRequest(log: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'none';
  const level = QUIET.has(route) ? 'debug' : 'info';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      request_id: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      caller: request.caller?.key.name,
      job_id: reply.getHeader('x-ai-core-job-id'),
      source: reply.getHeader('x-ai-core-source'),
      code: reply.getHeader('x-ai-core-error'),
      aborted: reply.raw.writableFinished ? undefined : true,
    },
    'request',
  );
}
