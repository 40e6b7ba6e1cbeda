import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { countTrainingData, listBudgets, readDashboard, readSavings } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { readHealth } from '../read-health.ts';
import { FlagSchema, parseInput } from './api-parts.ts';
import { toBudgetJson } from './budgets.ts';

const Query = z.object({ days: z.coerce.number().int().default(30), simulated: FlagSchema.default(false) });

/** Figures of a period from the daily tables, and how everything is just now. */
export function registerDashboard(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/dashboard', async (request) => {
    const { days, simulated } = parseInput(Query, request.query);
    const [figures, budgets, training] = await Promise.all([
      readDashboard(database, days, simulated),
      listBudgets(database),
      countTrainingData(database, simulated),
    ]);
    return { ...figures, simulated, training, budgets: budgets.filter((budget) => budget.simulated === simulated).map(toBudgetJson) };
  });

  // By itself: it reads the usage log, and the figures do not wait for it.
  app.get('/api/savings', async (request) => {
    const { days, simulated } = parseInput(Query, request.query);
    return { rows: await readSavings(database, days, simulated), next: null };
  });

  app.get('/api/health', async () => readHealth(services));
}
