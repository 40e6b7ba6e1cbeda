import type { FastifyInstance } from 'fastify';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { checkServices, readOverview } from '../overview.ts';

/** How everything is just now, who is logged in, and health for whoever watches the process. */
export function registerOverview(app: FastifyInstance, services: ConsoleServices): void {
  app.get('/api/overview', async () => readOverview(services));

  app.get('/api/session', async (request) => {
    const { user, csrfToken, expiresAt } = sessionOf(request);
    return {
      name: user.name,
      role: user.role,
      must_change_password: user.mustChangePassword,
      csrf_token: csrfToken,
      expires_at: expiresAt.toISOString(),
    };
  });

  app.get('/healthz', async () => ({ status: 'ok' }));

  app.get('/readyz', async (_, reply) => {
    const { postgres, queue } = await checkServices(services);
    const isReady = postgres.state === 'ok';
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ok' : 'unavailable', services: { postgres: postgres.state, queue: queue.state } });
  });
}
