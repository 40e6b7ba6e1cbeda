import { AiCoreError, formatMoney, type Dispatch } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

export const BUDGET_SCOPES = ['global', 'caller', 'user', 'user_category', 'provider'] as const;
/** global: everything. caller: one API key. The others: one user, one category of users, one provider. */
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

export const BUDGET_PERIODS = ['day', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

export const BUDGET_ACTIONS = ['refuse', 'park'] as const;
/** refuse: BUDGET_EXCEEDED. park: the job waits for the next period. */
export type BudgetAction = (typeof BUDGET_ACTIONS)[number];

/** Which budget is meant. */
export interface BudgetKey {
  /** Emulated money has budgets of its own. */
  readonly simulated: boolean;
  readonly scope: BudgetScope;
  /** Name of the key, id of the user, name of the category or provider; '' for global. */
  readonly subject: string;
  readonly period: BudgetPeriod;
}

export interface Budget extends BudgetKey {
  readonly limitNanoUsd: bigint;
  /** Cost of the calls that began within the period. */
  readonly spentNanoUsd: bigint;
  /** The most the calls under way can still cost. */
  readonly heldNanoUsd: bigint;
  readonly onExceed: BudgetAction;
  /** Percentages of the limit at which an alert is given. */
  readonly alertPercents: readonly number[];
  /** The highest of them that was given in this period; 0 = none. */
  readonly alertedPercent: number;
  /** category: follows the daily limit of a user category. */
  readonly origin: 'admin' | 'category';
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

export interface BudgetSetting extends BudgetKey {
  /** null removes the budget. */
  readonly limitNanoUsd: bigint | null;
  readonly onExceed: BudgetAction;
  readonly alertPercents: readonly number[];
  /** Who sets it, for the audit log. */
  readonly actor: string;
}

interface Row {
  simulated: boolean;
  scope: BudgetScope;
  subject: string;
  period: BudgetPeriod;
  limit_nano_usd: bigint;
  spent_nano_usd: bigint;
  held_nano_usd: bigint;
  on_exceed: BudgetAction;
  alert_percents: number[];
  alerted_percent: number;
  origin: 'admin' | 'category';
  period_start: Date;
  period_end: Date;
}

const SET: Statement = { name: 'budget_set', text: 'select * from ai_set_budget($1, $2, $3, $4, $5, $6, $7)' };
const LIST: Statement = {
  name: 'budget_list',
  text: `select simulated, scope, subject, period, limit_nano_usd, on_exceed, alert_percents, alerted_percent, origin,
      case when period_end > now() then spent_nano_usd else 0 end as spent_nano_usd,
      case when period_end > now() then held_nano_usd else 0 end as held_nano_usd,
      ai_budget_period(period, now()) as period_start, ai_budget_period(period, now(), 1) as period_end
    from ai_budget order by simulated, array_position(array['global', 'provider', 'user_category', 'caller', 'user'], scope), subject, period`,
};
const ALERTS: Statement = { name: 'budget_alerts', text: 'select * from ai_raise_budget_alerts()' };
const SUMMARY: Statement = {
  name: 'budget_summary',
  text: `select scope, period, count(*)::integer as budgets, count(*) filter (where alerted_percent > 0)::integer as alerted,
      coalesce(max(spent_nano_usd / nullif(limit_nano_usd, 0)::double precision), 0) as most_spent
    from ai_budget where simulated = $1 and period_end > now() group by scope, period`,
};
const UNPARK: Statement = { name: 'unpark_jobs', text: 'select ai_unpark_jobs($1) as dispatch' };
const FOLLOW: Statement = { name: 'follow_category_limits', text: 'select ai_follow_category_limits()' };

const MAX_SUBJECT_CHARACTERS = 200;
const MAX_PERCENT = 1_000;

function toBudget(row: Row): Budget {
  return {
    simulated: row.simulated,
    scope: row.scope,
    subject: row.subject,
    period: row.period,
    limitNanoUsd: row.limit_nano_usd,
    spentNanoUsd: row.spent_nano_usd,
    heldNanoUsd: row.held_nano_usd,
    onExceed: row.on_exceed,
    alertPercents: row.alert_percents,
    alertedPercent: row.alerted_percent,
    origin: row.origin,
    periodStart: row.period_start,
    periodEnd: row.period_end,
  };
}

function refuseWrong({ scope, subject, limitNanoUsd, alertPercents }: BudgetSetting): void {
  if ((scope === 'global') !== (subject === ''))
    throw new AiCoreError(
      'REQUEST_INVALID',
      scope === 'global' ? 'a global budget has no subject' : `a budget of scope ${scope} names its subject`,
    );
  if (subject.length > MAX_SUBJECT_CHARACTERS)
    throw new AiCoreError('REQUEST_INVALID', `the subject of a budget has at most ${MAX_SUBJECT_CHARACTERS} characters`);
  if (limitNanoUsd !== null && limitNanoUsd < 0n) throw new AiCoreError('REQUEST_INVALID', 'the limit of a budget is not negative');
  if (alertPercents.some((percent) => !Number.isInteger(percent) || percent < 1 || percent > MAX_PERCENT))
    throw new AiCoreError('REQUEST_INVALID', `an alert threshold is a whole percentage from 1 to ${MAX_PERCENT}`);
}

/**
 * Makes, changes or removes a budget. What has been spent within the period counts from the beginning; parked jobs are tried again.
 * @returns the budget, or null when it is removed
 * @throws REQUEST_INVALID for a setting that is none
 */
export async function setBudget(database: Database, setting: BudgetSetting): Promise<Budget | null> {
  refuseWrong(setting);
  const { simulated, scope, subject, period, limitNanoUsd, onExceed } = setting;
  const alertPercents = [...new Set(setting.alertPercents)].toSorted((one, other) => one - other);
  const [row] = await database.query<Row>(SET, [simulated, scope, subject, period, limitNanoUsd, onExceed, alertPercents]);
  await recordChange(database, {
    actor: setting.actor,
    action: limitNanoUsd === null ? 'budget.removed' : 'budget.set',
    subject: `${scope}:${subject}:${period}${simulated ? ':simulated' : ''}`,
    after: limitNanoUsd === null ? undefined : { limitUsd: formatMoney(limitNanoUsd), onExceed, alertPercents },
  });
  return row === undefined ? null : toBudget(row);
}

/** Every budget with what its present period has seen, the widest first. */
export async function listBudgets(database: Database): Promise<Budget[]> {
  return (await database.query<Row>(LIST)).map(toBudget);
}

/** @returns budgets that have reached a further threshold; each threshold once a period */
export async function raiseBudgetAlerts(database: Database): Promise<Budget[]> {
  return (await database.query<Row>(ALERTS)).map(toBudget);
}

/** Budgets of one scope and period together: none is named, since a subject may be a person. */
export interface BudgetSummary {
  readonly scope: BudgetScope;
  readonly period: BudgetPeriod;
  readonly budgets: number;
  /** Those that have reached a threshold in their present period. */
  readonly alerted: number;
  /** The largest share of a limit that is spent; 1 = all of it. */
  readonly mostSpent: number;
}

/** What dashboards are told of the budgets of emulated or of real money. */
export async function summariseBudgets(database: Database, simulated: boolean): Promise<BudgetSummary[]> {
  const rows = await database.query<Omit<BudgetSummary, 'mostSpent'> & { most_spent: number }>(SUMMARY, [simulated]);
  return rows.map(({ most_spent: mostSpent, ...rest }) => ({ ...rest, mostSpent }));
}

/** Queues parked jobs again whose budget may have room. @returns what to dispatch */
export async function unparkJobs(database: Database, limit = 500): Promise<Dispatch[]> {
  return (await database.query<{ dispatch: Dispatch }>(UNPARK, [limit])).map((row) => row.dispatch);
}

/** Makes the daily limits of user categories budgets, and changes or removes them as the policies do. */
export async function followCategoryLimits(database: Database): Promise<void> {
  await database.query(FOLLOW);
}
