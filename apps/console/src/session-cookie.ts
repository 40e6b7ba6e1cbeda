import type { FastifyReply, FastifyRequest } from 'fastify';

/** How the session's token travels. */
export interface SessionCookie {
  read(request: FastifyRequest): string | undefined;
  write(reply: FastifyReply, token: string): void;
  clear(reply: FastifyReply): void;
  /** Whether the browser talks TLS, to us or to the proxy before us. */
  isSecure(request: FastifyRequest): boolean;
}

const NAME = 'ai_core_console';
/** Browsers take this name only over TLS, for the whole host and from the host itself. */
const SECURE_NAME = `__Host-${NAME}`;

/** @param secure always or never over TLS; undefined: as the proxy says. A forged header only makes the forger's own cookie stricter. */
export function createSessionCookie(secure: boolean | undefined): SessionCookie {
  const isSecure = (request: FastifyRequest): boolean => secure ?? request.headers['x-forwarded-proto'] === 'https';
  const nameFor = (request: FastifyRequest): string => (isSecure(request) ? SECURE_NAME : NAME);
  const settingsFor = (request: FastifyRequest) => ({ path: '/', httpOnly: true, sameSite: 'lax' as const, secure: isSecure(request) });
  return {
    isSecure,
    read: (request) => request.cookies[nameFor(request)],
    write(reply, token) {
      reply.setCookie(nameFor(reply.request), token, settingsFor(reply.request));
    },
    clear(reply) {
      reply.clearCookie(nameFor(reply.request), settingsFor(reply.request));
    },
  };
}
