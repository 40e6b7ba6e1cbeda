import { formatMoney } from '@ai-core/core';
import { followCategoryLimits, raiseBudgetAlerts, unparkJobs } from '@ai-core/store';
import { dispatchJobs } from '../dispatch-jobs.ts';
import type { Services } from '../services.ts';

/**
 * Brings parked jobs back whose budget has a new period, a higher limit or a further caller, tells of budgets that have reached a
 * threshold (once for each, whichever process sees it first), and has the daily limits of user categories followed.
 */
export async function watchBudgets(services: Services): Promise<void> {
  const { database, log } = services;
  await followCategoryLimits(database);
  await dispatchJobs(services, await unparkJobs(database));
  for (const budget of await raiseBudgetAlerts(database)) {
    log.warn(
      {
        budget: `${budget.scope}:${budget.period}`,
        subject: budget.subject,
        simulated: budget.simulated,
        percent: budget.alertedPercent,
        spentUsd: formatMoney(budget.spentNanoUsd),
        limitUsd: formatMoney(budget.limitNanoUsd),
      },
      'a budget has reached a threshold',
    );
  }
}
