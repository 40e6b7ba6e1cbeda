import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listChanges } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { CursorSchema, LimitSchema, parseInput, toPage } from './api-parts.ts';

const Query = z.object({
  actor: z.string().optional(),
  action: z.string().optional(),
  cursor: CursorSchema.optional(),
  limit: LimitSchema,
});

/** The audit log. */
export function registerChanges(app: FastifyInstance, { database }: ConsoleServices): void {
  app.get('/api/changes', async (request) => {
    const { cursor, limit, ...question } = parseInput(Query, request.query);
    const rows = await listChanges(database, { ...question, after: cursor, limit: limit + 1 });
    return toPage(rows, limit, (row) => `${row.at}~${row.id}`);
  });
}
