import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { beginAttempt, closeSession, findConsoleUser, findSession, forgiveAttempt, openSession, toUserName } from '@ai-core/store';
import { toClientAddress } from '../client-address.ts';
import type { ConsoleServices } from '../console-services.ts';
import { readFields } from '../read-fields.ts';
import { toSafeNext } from '../safe-next.ts';
import { loginPage } from '../pages/login-page.ts';

/** The same for an unknown name, a wrong password and a disabled user. */
const REFUSED = 'This name and password do not belong together.';

function describeWait(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1_000);
  return `Too many failed logins. Try again in ${seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`}.`;
}

/** Login and logout. */
export function registerLogin(app: FastifyInstance, services: ConsoleServices): void {
  const { database, cookie, log } = services;

  app.get<{ Querystring: { next?: unknown } }>('/login', async (request, reply) => {
    const next = toSafeNext(readFields(request.query, ['next']).next);
    const token = cookie.read(request);
    if (token !== undefined && (await findSession(database, token, true)) !== null) return reply.redirect(next, 303);
    return sendPage(reply, loginPage({ next, problem: null, name: '' }));
  });

  app.post('/login', async (request, reply) => {
    const fields = readFields(request.body, ['name', 'password', 'next']);
    const next = toSafeNext(fields.next);
    const attempt = { name: toUserName(fields.name), address: toClientAddress(request.ip) };
    const decision = await beginAttempt(database, attempt);
    if (!decision.isAllowed) {
      log.warn({ address: attempt.address }, 'login refused: too many failures');
      reply.code(429).header('retry-after', Math.ceil(decision.retryAfterMs / 1_000));
      return sendPage(reply, loginPage({ next, problem: describeWait(decision.retryAfterMs), name: fields.name }));
    }
    if (decision.delayMs > 0) await sleep(decision.delayMs);
    const user = await findConsoleUser(database, { name: attempt.name, password: fields.password });
    if (user === null) {
      // The name is not logged: people type passwords into the wrong field.
      log.warn({ address: attempt.address }, 'login failed');
      return sendPage(reply.code(401), loginPage({ next, problem: REFUSED, name: fields.name }));
    }
    await forgiveAttempt(database, attempt);
    const session = await openSession(database, user.id, cookie.read(request));
    cookie.write(reply, session.token);
    log.info({ user: user.name, role: user.role, address: attempt.address }, 'logged in');
    return reply.redirect(user.mustChangePassword ? '/password' : next, 303);
  });

  app.post('/logout', async (request: FastifyRequest, reply) => {
    const token = cookie.read(request);
    if (token !== undefined) await closeSession(database, token);
    cookie.clear(reply);
    return reply.redirect('/login', 303);
  });
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page);
}
