import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { listExperiments, reportExperiment, startExperiment, stopExperiment } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { actOf, FlagSchema, parseInput } from './api-parts.ts';

const Query = z.object({ simulated: FlagSchema.default(false) });
const NameSchema = z.string().trim().min(1).max(120);
const Params = z.object({ name: NameSchema });
const ModelSchema = z
  .string()
  .regex(/^[a-z_]+\/.{1,200}$/, 'is PROVIDER/MODEL')
  .transform((text) => ({ provider: text.slice(0, text.indexOf('/')), model: text.slice(text.indexOf('/') + 1) }));
const Body = z.object({
  name: NameSchema,
  control: ModelSchema,
  candidate: ModelSchema,
  share: z.number().int().min(1).max(99),
  requestTypes: z.array(z.string().min(1).max(100)).max(50).default([]),
  simulated: z.boolean(),
});

/** Two models compared in traffic: list, report, beginning and end. */
export function registerExperiments(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/experiments', async (request) => {
    const rows = await listExperiments(database, { ...parseInput(Query, request.query), limit: 200 });
    return { rows: rows.map((row) => ({ id: row.name, ...row })), next: null };
  });

  app.get('/api/experiments/:name', async (request) => {
    const report = await reportExperiment(database, parseInput(Params, request.params).name);
    return { id: report.name, ...report };
  });

  app.post('/api/experiments', async (request) => {
    const { share: candidateShare, ...experiment } = parseInput(Body, request.body);
    const act = actOf(services, request);
    await startExperiment(database, { ...experiment, candidateShare, by: act.actor });
    await act.announce().catch(() => undefined);
    return { done: 1 };
  });

  app.post('/api/experiments/:name/stop', async (request) => {
    const { name } = parseInput(Params, request.params);
    const act = actOf(services, request);
    await stopExperiment(database, name, act.actor);
    await act.announce().catch(() => undefined);
    return { done: 1 };
  });
}
