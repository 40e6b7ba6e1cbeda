import { LOOK_TIMEOUT_MS, ERROR_RESPONSES } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

export const getMetrics = declareRoute({
  method: 'GET',
  path: '/metrics',
  need: 'admin',
  scope: 'nothing',
  tag: 'operations',
  about: 'Figures of this process for Prometheus; no label holds a user, a key or an id',
  errors: 'problem',
  responses: { 200: { about: 'the figures', contentTypes: ['text/plain'] }, ...ERROR_RESPONSES },
  timeoutMs: LOOK_TIMEOUT_MS,
  handle: async ({ services, reply }) => reply.type(services.metrics.contentType).send(await services.metrics.render()),
});
