import { Migration } from '@mikro-orm/migrations';

/**
 * The usage log, partitioned by month, and the daily tables rolled up from it. The DDL is written by hand: a partitioned
 * table declared through ORM metadata is rebuilt as soon as a partition is added.
 */
export class UsageLog extends Migration {
  override up(): void {
    this.addSql(`
create table ai_usage_log (
  id uuid not null,
  at timestamptz not null,
  row_kind text not null check (row_kind in ('request', 'attempt', 'correction')),
  corrects_id uuid,
  xid xid8 not null default pg_current_xact_id(),
  job_id uuid,
  attempt_id uuid,
  memory_id uuid,
  simulated boolean not null,
  kind text not null,
  request_type text not null,
  endpoint text not null default '',
  user_id text not null default '',
  caller text not null default '',
  provider text not null default '',
  model text not null default '',
  input_tokens integer not null default 0,
  cached_tokens integer not null default 0,
  output_tokens integer not null default 0,
  reasoning_tokens integer not null default 0,
  characters integer not null default 0,
  cost_nano_usd bigint,
  price_id uuid,
  saved_nano_usd bigint not null default 0,
  saved_source text,
  latency_ms integer not null default 0,
  cache_hit boolean not null default false,
  source text not null check (source in ('provider', 'memory', 'in_flight', 'batch', 'late', 'unknown')),
  selection_mode text not null default 'auto',
  success boolean not null,
  error_code text,
  error_message text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (id, at)
) partition by range (at);
create index ai_usage_log_xid on ai_usage_log (xid);
create index ai_usage_log_at on ai_usage_log using brin (at);
create index ai_usage_log_job on ai_usage_log (job_id) where job_id is not null;
create index ai_usage_log_attempt on ai_usage_log (attempt_id) where attempt_id is not null;

create table ai_daily_cost (
  day date not null,
  provider text not null default '',
  model text not null default '',
  kind text not null default '',
  request_type text not null default '',
  endpoint text not null default '',
  selection_mode text not null default '',
  simulated boolean not null,
  requests bigint not null,
  successes bigint not null,
  failures bigint not null,
  cache_hits bigint not null,
  in_flight_hits bigint not null,
  paid_calls bigint not null,
  unpriced bigint not null,
  input_tokens bigint not null,
  cached_tokens bigint not null,
  output_tokens bigint not null,
  characters bigint not null,
  cost_nano_usd bigint not null,
  saved_nano_usd bigint not null,
  latency_sum_ms bigint not null,
  latency_histogram bigint[] not null,
  created_at timestamptz not null default now(),
  primary key (day, provider, model, kind, request_type, endpoint, selection_mode, simulated)
);
create table ai_daily_user_cost (
  day date not null,
  user_id text not null default '',
  caller text not null default '',
  provider text not null default '',
  simulated boolean not null,
  requests bigint not null,
  cache_hits bigint not null,
  cost_nano_usd bigint not null,
  saved_nano_usd bigint not null,
  created_at timestamptz not null default now(),
  primary key (day, user_id, caller, provider, simulated)
);
create table ai_rollup_state (
  id boolean primary key default true check (id),
  last_xid xid8 not null default '0'::xid8,
  rolled_at timestamptz,
  created_at timestamptz not null default now()
);
insert into ai_rollup_state default values;
`);
  }
}
