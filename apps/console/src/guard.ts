/** Stands before every route: looks its rule up, finds the session, refuses what the rule does not allow. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { findSession, type ConsoleSession, type Database } from '@ai-core/store';
import { findAccessRule, hasRole, type AccessRule } from './access-rules.ts';
import type { SessionCookie } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is logged in; null on routes that need no login. */
    session: ConsoleSession | null;
  }
}

export interface GuardOptions {
  readonly database: Database;
  readonly cookie: SessionCookie;
}

/** A route as it was registered, with its rule. */
export interface GuardedRoute {
  readonly method: string;
  readonly path: string;
  readonly rule: AccessRule;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const TOKEN_HEADERS = ['x-csrf-token', 'x-xsrf-token'] as const;

/** @returns true when a person looks at the answer in a browser, false for programs */
export function wantsPage(request: FastifyRequest): boolean {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return isForm || (request.method === 'GET' && (request.headers.accept ?? '').includes('text/html'));
}

/** The session of a request on a route that needs a login. */
export function sessionOf(request: FastifyRequest): ConsoleSession {
  if (request.session === null) throw new AiCoreError('UNAUTHENTICATED', 'this needs a login');
  return request.session;
}

/**
 * Browsers say where a request comes from; a form on another site must not act in the name of whoever is logged in here, nor log
 * anybody in. Programs say nothing and have no cookie that could be abused.
 */
function comesFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== request.headers.host;
}

function tokenIn(request: FastifyRequest): string | undefined {
  for (const name of TOKEN_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') return value;
  }
  const { body } = request;
  if (typeof body === 'object' && body !== null && '_csrf' in body && typeof body._csrf === 'string') return body._csrf;
  return undefined;
}

function isSame(given: string | undefined, expected: string): boolean {
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Puts the guard before everything that is registered on `app` from now on.
 * @returns the routes under guard, filled as they are registered
 * @throws while a route is registered that the table does not know
 */
export function registerGuard(app: FastifyInstance, options: GuardOptions): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];

  app.decorateRequest('session', null);

  app.addHook('onRoute', (route) => {
    const methods = Array.isArray(route.method) ? route.method : [route.method];
    for (const method of methods) {
      const rule = findAccessRule(method, route.url);
      if (rule === undefined) throw new Error(`the route ${method} ${route.url} has no line in the table of access rules`);
      routes.push({ method, path: route.url, rule });
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return undefined;
    const { url } = request.routeOptions;
    const rule = url === undefined ? undefined : findAccessRule(request.method, url);
    if (rule === undefined) throw new AiCoreError('FORBIDDEN', 'nobody may use this route');
    if (!SAFE_METHODS.has(request.method) && comesFromElsewhere(request)) {
      throw new AiCoreError('FORBIDDEN', 'the request was sent from a page of another site');
    }
    if (rule.need === 'nothing') return undefined;
    const token = options.cookie.read(request);
    request.session = token === undefined ? null : await findSession(options.database, token, rule.isPoll !== true);
    return admit(request, reply, rule);
  });

  // The token of a form is in its body, which is not there before this.
  app.addHook('preValidation', async (request) => {
    if (request.session === null || SAFE_METHODS.has(request.method)) return;
    if (!isSame(tokenIn(request), request.session.csrfToken)) {
      throw new AiCoreError('FORBIDDEN', 'the page this was sent from is out of date; go back, load it again and repeat');
    }
  });

  return routes;
}

async function admit(request: FastifyRequest, reply: FastifyReply, rule: AccessRule): Promise<FastifyReply | undefined> {
  const { session } = request;
  if (session === null) {
    if (!wantsPage(request)) throw new AiCoreError('UNAUTHENTICATED', 'this needs a login, and there is none or it has ended');
    const next = request.method === 'GET' && request.url !== '/' ? `?next=${encodeURIComponent(request.url)}` : '';
    return reply.redirect(`/login${next}`, 303);
  }
  if (rule.need === 'nothing' || rule.need === 'login') return undefined;
  if (session.user.mustChangePassword) {
    if (!wantsPage(request)) throw new AiCoreError('FORBIDDEN', 'the password must be changed before anything else');
    return reply.redirect('/password', 303);
  }
  if (!hasRole(session.user.role, rule.need)) {
    throw new AiCoreError('FORBIDDEN', `this needs the role ${rule.need}; you are ${session.user.role}`);
  }
  return undefined;
}
