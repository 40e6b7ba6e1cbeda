import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listUsage } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { CursorSchema, FlagSchema, LimitSchema, parseInput, toPage } from './api-parts.ts';

const Query = z.object({
  simulated: FlagSchema.default(false),
  requestType: z.string().optional(),
  provider: z.string().optional(),
  source: z.enum(['provider', 'memory', 'in_flight', 'batch', 'late', 'unknown']).optional(),
  userId: z.string().optional(),
  success: FlagSchema.optional(),
  cursor: CursorSchema.optional(),
  limit: LimitSchema,
});

/** The usage log, row by row. */
export function registerUsage(app: FastifyInstance, { database }: ConsoleServices): void {
  app.get('/api/usage', async (request) => {
    const { cursor, limit, ...question } = parseInput(Query, request.query);
    const rows = await listUsage(database, { ...question, after: cursor, limit: limit + 1 });
    return toPage(rows, limit, (row) => `${row.at}~${row.id}`);
  });
}
