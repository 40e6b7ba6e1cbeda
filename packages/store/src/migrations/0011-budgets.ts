import { Migration } from '@mikro-orm/migrations';

/** Budgets, and what is held in them for calls under way. */
export class Budgets extends Migration {
  override up(): void {
    this.addSql(`
create table ai_budget (
  id uuid primary key default gen_random_uuid(),
  simulated boolean not null,
  scope text not null check (scope in ('global', 'caller', 'user', 'user_category', 'provider')),
  subject text not null default '' check ((scope = 'global') = (subject = '')),
  period text not null check (period in ('day', 'month')),
  limit_nano_usd bigint not null check (limit_nano_usd >= 0),
  spent_nano_usd bigint not null default 0 check (spent_nano_usd >= 0),
  held_nano_usd bigint not null default 0 check (held_nano_usd >= 0),
  period_start timestamptz not null,
  period_end timestamptz not null,
  on_exceed text not null default 'refuse' check (on_exceed in ('refuse', 'park')),
  alert_percents integer[] not null default '{80,100}',
  alerted_percent integer not null default 0,
  origin text not null default 'admin' check (origin in ('admin', 'category')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (simulated, scope, subject, period)
) with (fillfactor = 50);
create index ai_budget_period_end on ai_budget (period_end);
comment on column ai_budget.spent_nano_usd is 'the cost of the attempts that began within the period and count in this budget';
comment on column ai_budget.held_nano_usd is 'the most the calls under way can still cost';
comment on column ai_budget.alerted_percent is 'the highest threshold of the period that has been told';
comment on column ai_budget.origin is 'category = follows the daily limit of ai_user_category_policy';

create table ai_budget_hold (
  attempt_id uuid not null,
  budget_id uuid not null,
  period_start timestamptz not null,
  amount_nano_usd bigint not null check (amount_nano_usd >= 0),
  room_nano_usd bigint check (amount_nano_usd <= room_nano_usd),
  created_at timestamptz not null default now(),
  primary key (attempt_id, budget_id)
);
create index ai_budget_hold_budget on ai_budget_hold (budget_id);
comment on column ai_budget_hold.room_nano_usd is 'what the limit left when the hold was taken; null = the call was older than the budget';

alter table ai_attempt add column budgets uuid[];
comment on column ai_attempt.budgets is 'the budgets the attempt counts in; null = none';
alter table ai_job_caller add column user_category text not null default '';
alter table ai_job add column parked_at timestamptz;
comment on column ai_job.leader_id is 'the caller who pays for the call under way; null = the first living one';
create index ai_job_parked on ai_job (run_after) where state = 'parked';
`);
  }
}
