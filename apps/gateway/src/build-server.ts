import { randomUUID } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerError, toAiCoreError } from './answer-error.ts';
import type { Authentication, Caller } from './authenticate.ts';
import { checkInput } from './check-input.ts';
import type { GatewayServices } from './gateway-services.ts';
import { createOpenWaits, type OpenWaits } from './open-waits.ts';
import { parseJson, parseLines } from './parse-json.ts';
import { createRequestAllowances } from './request-allowances.ts';
import { logRequest } from './log-request.ts';
import type { Call, Route } from './route.ts';
import { createTurnEnd } from './turn-end.ts';

/** Default size of a body, in bytes. */
const BODY_LIMIT = 1024 * 1024;
/** How long a client may take to send its request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
const REQUEST_ID = /^[\w.:-]{1,64}$/;

export interface Server {
  readonly app: FastifyInstance;
  readonly waits: OpenWaits;
}

export interface ServerOptions {
  readonly services: GatewayServices;
  readonly authentication: Authentication;
  readonly routes: readonly Route[];
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

function toRequestId(request: { readonly headers: Readonly<Record<string, string | string[] | undefined>> }): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The server of a route table: every route is authenticated, limited, checked, answered and logged in the same way. */
export function buildServer({ services, authentication, routes }: ServerOptions): Server {
  const app = Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A log of its own for each request would never be written to.
    childLoggerFactory: (logger) => logger,
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: toRequestId,
    exposeHeadRoutes: false,
    return503OnClosing: false,
  });
  const waits = createOpenWaits();
  const allowances = createRequestAllowances(services.database);
  const turnEnd = createTurnEnd();

  app.decorateRequest('caller', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) => parseJson(body));
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, async (_: FastifyRequest, body: Buffer) => parseLines(body));
  app.addHook('onSend', async (request, reply) => {
    await turnEnd();
    reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    services.metrics.observe(request, reply);
    logRequest(services.log, request, reply);
  });

  async function admit(route: Route, request: FastifyRequest): Promise<void> {
    if (route.need === 'nothing') return;
    const caller = await authentication.identify(request.headers.authorization);
    request.caller = caller;
    if (route.need === 'admin' && caller.key.role !== 'admin')
      throw new AiCoreError('FORBIDDEN', 'this route is for keys of the role admin');
    if (route.scope === 'all' && caller.key.scopes !== null)
      throw new AiCoreError('FORBIDDEN', 'this route knows no scopes, and this API key is limited to some');
    await allowances.take(caller.key);
  }

  function requireBodyType(route: Route, request: FastifyRequest): void {
    const wanted = route.body === undefined ? undefined : (route.bodyType ?? 'application/json');
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== wanted && (wanted !== undefined || request.body !== undefined))
      throw new AiCoreError('REQUEST_INVALID', wanted === undefined ? 'this route takes no body' : `the Content-Type must be ${wanted}`);
  }

  async function answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    requireBodyType(route, request);
    const call: Call = {
      services,
      // Routes that need nothing do not look at it.
      caller: request.caller as Caller,
      body: route.body === undefined || route.checksBody === true ? request.body : checkInput(route.body, request.body),
      query: route.query === undefined ? checkNoQuery(request.query) : checkInput(route.query, request.query),
      params: route.params === undefined ? {} : checkInput(route.params, request.params),
      request,
      reply,
      whenLeft: () => waits.watch(reply),
    };
    const result = await route.handle(call as Call<never, never, never>);
    return reply.sent ? reply : result;
  }

  /** Fastify's own handlerTimeout makes an abort signal for every request and aborts it, which costs more than the timer. */
  async function answerInTime(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const timer = setTimeout(() => {
      if (!reply.sent) answerError(reply, tooSlow(), route.errors);
    }, route.timeoutMs);
    try {
      return await answer(route, request, reply);
    } catch (error) {
      // Too late for anybody to hear of it.
      if (!reply.sent) throw error;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyLimit ?? BODY_LIMIT,
      onRequest: (request) => admit(route, request),
      errorHandler: (error, _, reply) => void answerError(reply, noteCause(services, toAiCoreError(error), reply), route.errors),
      handler: (request, reply) => answerInTime(route, request, reply),
    });
  }
  app.setNotFoundHandler((_, reply) =>
    answerError(reply, new AiCoreError('NOT_FOUND', 'there is no such route; /docs lists what there is'), 'problem'),
  );
  app.setErrorHandler((error, _, reply) => void answerError(reply, noteCause(services, toAiCoreError(error), reply), 'problem'));
  return { app, waits };
}

function tooSlow(): AiCoreError {
  const reason = 'there was no answer in the time this route has; whether the request was accepted is not known';
  return new AiCoreError('STORE_UNAVAILABLE', reason);
}

function checkNoQuery(query: unknown): object {
  const [name] = Object.keys(query as object);
  if (name !== undefined) throw new AiCoreError('REQUEST_INVALID', 'this route takes no query parameters');
  return {};
}

/** What went wrong inside is told to the log only. */
function noteCause({ log }: GatewayServices, error: AiCoreError, reply: FastifyReply): AiCoreError {
  if (error.code === 'INTERNAL' || error.code === 'STORE_UNAVAILABLE')
    log.error({ request_id: reply.request.id, code: error.code, err: error.cause ?? error }, 'a request failed');
  return error;
}
