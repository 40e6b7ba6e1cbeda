import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { countTrainingData, listBudgets, readDashboard, readSavings, readTopUsers } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { keepFresh } from '../keep-fresh.ts';
import { readHealth } from '../read-health.ts';
import { FlagSchema, parseInput } from './api-parts.ts';
import { toBudgetJson } from './budgets.ts';

const Query = z.object({ days: z.coerce.number().int().default(30), simulated: FlagSchema.default(false) });

/** Figures of a period from the daily tables, and how everything is just now. */
export function registerDashboard(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;
  const topUsers = keepFresh((days: number, simulated: boolean) => readTopUsers(database, days, simulated), {
    freshMs: 30_000,
    usableMs: 600_000,
  });

  app.get('/api/dashboard', async (request) => {
    const { days, simulated } = parseInput(Query, request.query);
    const [figures, user, budgets, training] = await Promise.all([
      readDashboard(database, days, simulated),
      topUsers(days, simulated),
      listBudgets(database),
      countTrainingData(database, simulated),
    ]);
    return {
      ...figures,
      top: { ...figures.top, user },
      simulated,
      training,
      budgets: budgets.filter((budget) => budget.simulated === simulated).map(toBudgetJson),
    };
  });

  app.get('/api/savings', async (request) => {
    const { days, simulated } = parseInput(Query, request.query);
    return { rows: await readSavings(database, days, simulated), next: null };
  });

  app.get('/api/health', async () => readHealth(services));
}
