import { Migration } from '@mikro-orm/migrations';

/** Workers, jobs, their callers, the attempts they cost, and what is remembered of them. */
export class Ledger extends Migration {
  override up(): void {
    this.addSql(`
create sequence ai_generation_seq;

create table ai_worker (
  id uuid primary key,
  roles text[] not null,
  host text not null,
  pid integer not null,
  lease_until timestamptz not null,
  lock_key bigint not null,
  lock_missed_at timestamptz,
  dead_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ai_worker_living on ai_worker (lease_until) where dead_at is null;

create table ai_memory (
  id uuid primary key,
  request_type text not null,
  prompt_hash text not null,
  scope text not null,
  simulated boolean not null,
  kind text not null,
  is_current boolean not null default true,
  superseded_by uuid,
  job_id uuid,
  prompt_text text not null,
  prompt_options jsonb not null default '{}'::jsonb,
  generated_text text,
  generated_audio_file text,
  audio_bytes bigint,
  audio_seconds double precision,
  audio_format text,
  audio_sha256 text,
  audio_seen_at timestamptz,
  provider text not null,
  model text not null,
  tokens_used integer not null default 0,
  input_tokens integer not null default 0,
  cached_tokens integer not null default 0,
  output_tokens integer not null default 0,
  reasoning_tokens integer not null default 0,
  characters integer not null default 0,
  cost_nano_usd bigint,
  latency_ms integer not null default 0,
  ignored_options text[] not null default '{}',
  is_verified_good boolean not null default false,
  verdict text not null default 'none' check (verdict in ('none', 'verified', 'rejected', 'stale')),
  user_rating numeric(4, 3),
  rating_count integer not null default 0,
  usage_count bigint not null default 0,
  last_used_at timestamptz,
  use_for_training boolean not null default false,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 90);
-- One current answer per key. What is rejected, stale, expired or refreshed stays as a row with is_current false.
create unique index ai_memory_current on ai_memory (prompt_hash, scope, simulated) where is_current;
create index ai_memory_recent on ai_memory (created_at);
create index ai_memory_object on ai_memory (audio_sha256) where audio_sha256 is not null;

create table ai_job (
  id uuid primary key,
  prompt_hash text not null,
  scope text not null,
  simulated boolean not null,
  shared boolean not null,
  kind text not null,
  request_type text not null,
  request jsonb not null,
  candidates jsonb not null,
  candidate integer not null default 0,
  provider text not null,
  model text not null,
  queue text not null,
  selection_mode text not null,
  cache_mode text not null,
  caller text not null default '',
  state text not null default 'queued'
    check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'parked', 'batched')),
  parked_reason text,
  generation bigint not null,
  fence bigint not null default 0,
  worker_id uuid,
  attempts integer not null default 0,
  candidate_attempts integer not null default 0,
  crash_count integer not null default 0,
  lane text not null default 'interactive' check (lane in ('interactive', 'batch')),
  priority integer not null default 0,
  deadline timestamptz,
  run_after timestamptz not null default now(),
  dispatched_at timestamptz,
  expires_after_days integer,
  memory_id uuid,
  attempt_id uuid,
  leader_id uuid,
  source text,
  answer jsonb,
  error_code text,
  error_message text,
  answers_until timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
comment on column ai_job.answer is 'the answer of a job whose answer is not remembered';
comment on column ai_job.answers_until is 'a failure that would only repeat answers the same key until then';
-- "Unfinished" is finished_at is null, so that claims, leases and re-dispatches do not touch this index.
create unique index ai_job_open on ai_job (prompt_hash, scope, simulated) where finished_at is null and shared;
-- The dispatch window of a caller, also the sweeper's look at what is queued; and the rows that wait behind the window, in
-- their order. (One index for both made every claim sort all that waits: 8 ms with 6,000 rows.)
create index ai_job_window on ai_job (queue, caller, dispatched_at) where state = 'queued' and dispatched_at is not null;
create index ai_job_waiting on ai_job (queue, caller, priority, created_at) where state = 'queued' and dispatched_at is null;
create index ai_job_running on ai_job (worker_id) where state = 'running';
create index ai_job_failure on ai_job (prompt_hash, scope, simulated) where answers_until is not null;
create index ai_job_recent on ai_job (created_at);

create table ai_job_caller (
  id uuid primary key,
  job_id uuid not null,
  user_id text not null default '',
  caller text not null default '',
  endpoint text not null default '',
  reply_to text,
  requested_at timestamptz not null,
  deadline timestamptz,
  priority integer not null default 0,
  lane text not null default 'interactive',
  sealed_values bytea,
  cancelled_at timestamptz,
  created_at timestamptz not null default now()
);
create index ai_job_caller_job on ai_job_caller (job_id, requested_at, id);
comment on column ai_job_caller.id is 'the id of the request, and of its usage row';

create table ai_attempt (
  id uuid primary key,
  job_id uuid not null,
  fence bigint not null,
  worker_id uuid not null,
  provider text not null,
  model text not null,
  billed_model text,
  simulated boolean not null,
  price_id uuid,
  max_cost_nano_usd bigint,
  cost_nano_usd bigint,
  state text not null default 'reserved' check (state in ('reserved', 'billed', 'not_billed', 'unknown', 'late')),
  settled_by text,
  provider_request_id text,
  usage jsonb,
  error_code text,
  error_message text,
  accounted_at timestamptz,
  started_at timestamptz not null,
  finished_at timestamptz,
  created_at timestamptz not null default now()
) with (fillfactor = 80);
create index ai_attempt_job on ai_attempt (job_id, fence);
create index ai_attempt_unsettled on ai_attempt (started_at) where state in ('reserved', 'unknown');
comment on column ai_attempt.accounted_at is 'when the usage row of an unknown attempt was written';

create table ai_idempotency (
  caller text not null,
  key text not null,
  request_sha256 text not null,
  job_id uuid,
  memory_id uuid,
  usage_id uuid,
  status text not null default 'open',
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (caller, key)
);

create table ai_cron_run (
  name text not null,
  logical_date timestamptz not null,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  worker_id uuid,
  attempts integer not null default 1,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  error_message text,
  primary key (name, logical_date)
);
`);
  }
}
