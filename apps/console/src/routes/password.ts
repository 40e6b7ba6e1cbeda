import type { FastifyInstance, FastifyReply } from 'fastify';
import { beginAttempt, findConsoleUser, findPasswordFault, forgiveAttempt, openSession, recordChange, setPassword } from '@ai-core/store';
import { toClientAddress } from '../client-address.ts';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { passwordPage } from '../pages/password-page.ts';
import { readFields } from '../read-fields.ts';

/** Change of one's own password. */
export function registerPassword(app: FastifyInstance, services: ConsoleServices): void {
  const { database, cookie, log } = services;

  app.get('/password', async (request, reply) => sendPage(reply, passwordPage(sessionOf(request), null)));

  app.post('/password', async (request, reply) => {
    const session = sessionOf(request);
    const { user } = session;
    const refuse = (status: number, problem: string): FastifyReply => sendPage(reply.code(status), passwordPage(session, problem));

    const fields = readFields(request.body, ['current', 'new', 'again']);
    if (fields.new !== fields.again) return refuse(400, 'The new password was not typed the same way twice.');
    if (fields.new === fields.current) return refuse(400, 'The new password is the current one.');
    const fault = findPasswordFault(fields.new, user.name);
    if (fault !== null) return refuse(400, fault);

    // Whoever finds a screen unlocked must not be able to guess the password here.
    const attempt = { name: user.name, address: toClientAddress(request.ip) };
    const decision = await beginAttempt(database, attempt);
    if (!decision.isAllowed) {
      reply.header('retry-after', Math.ceil(decision.retryAfterMs / 1_000));
      return refuse(429, 'Too many wrong passwords. Try again in some minutes.');
    }
    if ((await findConsoleUser(database, { name: user.name, password: fields.current })) === null) {
      return refuse(401, 'The current password is not right.');
    }
    await forgiveAttempt(database, attempt);
    await setPassword(database, user.id, fields.new);
    await recordChange(database, { actor: user.name, action: 'password.changed', subject: `console-user/${user.name}` });
    // Every session ended with the old password, on other machines too; this browser goes on under a new id.
    const opened = await openSession(database, user.id);
    cookie.write(reply, opened.token);
    log.info({ user: user.name, address: attempt.address }, 'password changed');
    return reply.redirect('/', 303);
  });
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page);
}
