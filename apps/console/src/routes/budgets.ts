import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseMoney } from '@ai-core/core';
import { BUDGET_ACTIONS, BUDGET_PERIODS, BUDGET_SCOPES, listBudgets, setBudget, type Budget } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { parseInput } from './api-parts.ts';

const Body = z.object({
  simulated: z.boolean(),
  scope: z.enum(BUDGET_SCOPES),
  subject: z.string().default(''),
  period: z.enum(BUDGET_PERIODS),
  /** US dollars as a decimal string; null removes the budget. */
  limitUsd: z.string().nullable(),
  onExceed: z.enum(BUDGET_ACTIONS).default('refuse'),
  alertPercents: z.array(z.number()).default([80, 100]),
});

/** A budget as it goes over the wire: money as decimal strings of nano-USD. */
export function toBudgetJson(budget: Budget): object {
  return {
    ...budget,
    id: [budget.simulated ? 'simulated' : 'real', budget.scope, budget.subject, budget.period].join(':'),
    limitNanoUsd: String(budget.limitNanoUsd),
    spentNanoUsd: String(budget.spentNanoUsd),
    heldNanoUsd: String(budget.heldNanoUsd),
  };
}

/** Budgets: what they are, and setting them. */
export function registerBudgets(app: FastifyInstance, { database }: ConsoleServices): void {
  app.get('/api/budgets', async () => ({ rows: (await listBudgets(database)).map(toBudgetJson), next: null }));

  app.put('/api/budgets', async (request) => {
    const { limitUsd, ...key } = parseInput(Body, request.body);
    const limitNanoUsd = limitUsd === null ? null : parseMoney(limitUsd);
    const budget = await setBudget(database, { ...key, limitNanoUsd, actor: sessionOf(request).user.name });
    return { budget: budget === null ? null : toBudgetJson(budget) };
  });
}
