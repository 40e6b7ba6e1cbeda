import { AiCoreError, formatMoney, parseMoney } from '@ai-core/core';
import { BUDGET_ACTIONS, BUDGET_PERIODS, BUDGET_SCOPES, listBudgets, setBudget, type Budget, type BudgetScope } from '@ai-core/store';
import type { Command } from 'commander';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import type { RunVerb, Verb } from '../verb.ts';

const ACTOR = 'ai-core budget';
const REMOVE = 'none';
const DEFAULT_ALERTS = '80,100';
const MONEY = /^\d{1,9}(\.\d{1,9})?$/;

function oneOf<Word extends string>(words: readonly Word[], text: unknown, option: string): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new AiCoreError('REQUEST_INVALID', `${option} is one of ${words.join(', ')}`);
  return found;
}

/** People say what the tables call caller: the name of an API key. */
function toScope(text: unknown): BudgetScope {
  return text === 'key' ? 'caller' : oneOf(BUDGET_SCOPES, text, '--scope');
}

function parseLimit(text: unknown): bigint | null {
  if (text === REMOVE) return null;
  if (typeof text !== 'string' || !MONEY.test(text))
    throw new AiCoreError('REQUEST_INVALID', `--limit takes US dollars with at most nine digits after the point, or ${REMOVE}`);
  return parseMoney(text);
}

function parseAlerts(text: unknown): number[] {
  return text === REMOVE ? [] : String(text).split(',').map(Number);
}

function toDocument(budget: Budget): object {
  return {
    scope: budget.scope,
    subject: budget.subject,
    period: budget.period,
    limit_usd: formatMoney(budget.limitNanoUsd),
    spent_usd: formatMoney(budget.spentNanoUsd),
    held_usd: formatMoney(budget.heldNanoUsd),
    on_exceed: budget.onExceed,
    alert_percents: budget.alertPercents,
    alerted_percent: budget.alertedPercent,
    origin: budget.origin,
    period_start: budget.periodStart,
    period_end: budget.periodEnd,
    simulated: budget.simulated,
  };
}

function describe(budgets: readonly Budget[]): string[] {
  if (budgets.length === 0) return ['there is no budget; `ai-core budget set --limit 10` makes one for everything, a month'];
  const rows = budgets.map((budget) => [
    budget.scope,
    budget.subject,
    budget.period,
    formatUsd(budget.limitNanoUsd),
    formatUsd(budget.spentNanoUsd),
    formatUsd(budget.heldNanoUsd),
    budget.onExceed,
    `${budget.alertPercents.join(' ')}${budget.alertedPercent > 0 ? ` (reached ${budget.alertedPercent})` : ''}`,
    budget.periodEnd.toISOString().slice(0, 16).replace('T', ' '),
    budget.simulated ? 'simulated' : 'real',
  ]);
  return formatTable(['scope', 'of', 'period', 'limit', 'spent', 'held', 'then', 'alerts at %', 'until (UTC)', 'money'], rows);
}

function declareSet(command: Command, run: RunVerb): void {
  command
    .command('set')
    .description('limit what may be spent; what the period has seen so far counts')
    .argument('[subject]', 'name of the key, id of the user, name of the category or provider; none for global')
    .requiredOption('--limit <usd>', `US dollars; ${REMOVE} removes the budget`)
    .option('--scope <scope>', `one of key, ${BUDGET_SCOPES.join(', ')}`, 'global')
    .option('--period <period>', `one of ${BUDGET_PERIODS.join(', ')} (UTC)`, 'month')
    .option('--on-exceed <action>', 'refuse: BUDGET_EXCEEDED; park: wait for the next period', 'refuse')
    .option('--alerts <percents>', `thresholds that are told, in percent of the limit, or ${REMOVE}`, DEFAULT_ALERTS)
    .option('--real', 'real money although this AI Core is simulated')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, options, output, connect }) => {
        const wanted = {
          scope: toScope(options['scope']),
          subject: args[0] ?? '',
          period: oneOf(BUDGET_PERIODS, options['period'], '--period'),
          limitNanoUsd: parseLimit(options['limit']),
          onExceed: oneOf(BUDGET_ACTIONS, options['onExceed'], '--on-exceed'),
          alertPercents: parseAlerts(options['alerts']),
          actor: ACTOR,
        };
        const { database, simulated } = await connect();
        const budget = await setBudget(database, { ...wanted, simulated: simulated && options['real'] !== true });
        output.result(
          { budget: budget === null ? null : toDocument(budget) },
          budget === null ? ['the budget is removed'] : describe([budget]),
        );
      }),
    );
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('every budget, and what its present period has seen')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const { database } = await connect();
        const budgets = await listBudgets(database);
        output.result({ budgets: budgets.map(toDocument) }, describe(budgets));
      }),
    );
}

export const budget: Verb = {
  declare(program, run) {
    const command = program.command('budget').description('what may be spent by everybody, one key, user, category or provider');
    declareSet(command, run);
    declareList(command, run);
    return command;
  },
};
