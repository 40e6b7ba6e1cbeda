import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError } from '@ai-core/core';
import { API_KEY_ROLES, createApiKey, listApiKeys, revokeApiKey } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { actOf, parseInput } from './api-parts.ts';

const Body = z.object({
  name: z.string(),
  role: z.enum(API_KEY_ROLES).default('app'),
  scopes: z.array(z.string()).nullable().default(null),
  requestsPerMinute: z.number().int().positive().nullable().default(null),
});
const NameParams = z.object({ name: z.string() });

/** Credentials of backends: made here, shown once, ended here. */
export function registerApiKeys(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/api-keys', async () => ({ rows: await listApiKeys(database), next: null }));

  app.post('/api/api-keys', async (request) => {
    const { key, record } = await createApiKey(database, { ...parseInput(Body, request.body), actor: sessionOf(request).user.name });
    return { key, record };
  });

  app.post('/api/api-keys/:name/revoke', async (request) => {
    const { name } = parseInput(NameParams, request.params);
    if (!(await revokeApiKey(database, name, sessionOf(request).user.name)))
      throw new AiCoreError('NOT_FOUND', `there is no living key named ${name}`);
    // Gateways that do not hear of it notice within 5 seconds.
    await actOf(services, request)
      .announce()
      .catch((error: unknown) => services.log.warn({ err: error }, 'a revoked key was not announced'));
    return { name };
  });
}
