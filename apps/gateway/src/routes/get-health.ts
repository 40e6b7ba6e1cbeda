import { z } from 'zod';
import { LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

export const getHealth = declareRoute({
  method: 'GET',
  path: '/healthz',
  need: 'nothing',
  scope: 'nothing',
  tag: 'operations',
  about: 'The process is alive',
  errors: 'problem',
  responses: { 200: { about: 'alive', schema: z.object({ status: z.literal('ok') }) } },
  timeoutMs: LOOK_TIMEOUT_MS,
  handle: async () => ({ status: 'ok' }),
});
