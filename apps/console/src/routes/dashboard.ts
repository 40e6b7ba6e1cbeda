import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { countTrainingData, listBudgets, listProviders, readDashboard, readSavings } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { readOverview } from '../overview.ts';
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

  app.get('/api/health', async () => {
    const [overview, providers] = await Promise.all([readOverview(services), listProviders(database)]);
    const names = [...new Set(providers.filter(({ isActive }) => isActive).map(({ provider }) => provider))];
    return {
      postgres: overview.postgres,
      queue: overview.queue,
      depths: overview.depths,
      workers: overview.workers,
      rolledUpMsAgo: overview.rolled_up_ms_ago,
      providers: names.map((provider) => ({
        provider,
        circuit: providers.find((row) => row.provider === provider)?.circuit ?? 'closed',
      })),
    };
  });
}
