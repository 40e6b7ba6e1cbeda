import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BLIND_CHOICES, chooseBlind, countBlindPairs, listBlindPairs } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { actOf, FlagSchema, IdParams, parseInput } from './api-parts.ts';

const Query = z.object({
  simulated: FlagSchema.default(false),
  version: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
});
const CountQuery = z.object({ simulated: FlagSchema.default(false) });
const Body = z.object({ choice: z.enum(BLIND_CHOICES).nullable() });

/** Pairs of answers for people who do not see the makers. Nothing that is sent tells which side is whose. */
export function registerBlindPairs(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/blind-pairs', async (request) => {
    const person = sessionOf(request).user.name;
    return { rows: await listBlindPairs(database, { ...parseInput(Query, request.query), person }), next: null };
  });

  app.get('/api/blind-progress', async (request) => ({
    rows: await countBlindPairs(database, parseInput(CountQuery, request.query).simulated),
  }));

  app.post('/api/blind-pairs/:id', async (request) => {
    const { id } = parseInput(IdParams, request.params);
    const { gate, reasons } = await chooseBlind(actOf(services, request), id, parseInput(Body, request.body).choice);
    return { done: 1, gate, reasons };
  });
}
