import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DIFFICULTIES, TRAINING_SPLITS } from '@ai-core/core';
import { countTrainingData, editTrainingData, listTrainingData, listTrainingReview, TRAINING_LISTS } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { FlagSchema, IdParams, LimitSchema, parseInput, toPage } from './api-parts.ts';

const Query = z.object({
  list: z.enum(TRAINING_LISTS).default('suggested'),
  simulated: FlagSchema.default(false),
  requestType: z.string().optional(),
  difficulty: z.enum(DIFFICULTIES).optional(),
  tag: z.string().max(60).optional(),
  split: z.enum(TRAINING_SPLITS).optional(),
  cursor: z.uuid().optional(),
  limit: LimitSchema,
});
const ReviewQuery = z.object({ simulated: FlagSchema.default(false), limit: z.coerce.number().int().min(1).max(50).default(20) });
const CountQuery = z.object({ simulated: FlagSchema.default(false) });
const Body = z.object({
  weight: z.number().optional(),
  difficulty: z.enum(DIFFICULTIES).nullable().optional(),
  tags: z.array(z.string().max(60)).optional(),
  declined: z.boolean().optional(),
});

/** Examples to learn from: what waits for a person, what was chosen, how much there is. */
export function registerTrainingData(app: FastifyInstance, { database }: ConsoleServices): void {
  app.get('/api/training-data', async (request) => {
    const { cursor, limit, ...question } = parseInput(Query, request.query);
    const rows = await listTrainingData(database, { ...question, after: cursor, limit: limit + 1 });
    return toPage(rows, limit, (row) => row.id);
  });

  app.get('/api/training-counts', async (request) => countTrainingData(database, parseInput(CountQuery, request.query).simulated));

  app.get('/api/training-review', async (request) => {
    const { simulated, limit } = parseInput(ReviewQuery, request.query);
    return { rows: await listTrainingReview(database, simulated, limit) };
  });

  app.patch('/api/training-data/:id', async (request) => {
    const { id } = parseInput(IdParams, request.params);
    await editTrainingData(database, { ...parseInput(Body, request.body), id, editedBy: sessionOf(request).user.name });
    return { id };
  });
}
