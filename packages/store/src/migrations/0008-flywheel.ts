import { Migration } from '@mikro-orm/migrations';

/** From remembered answers to a model of one's own: curated examples, training runs, evaluations, and experiments in traffic. */
export class Flywheel extends Migration {
  override up(): void {
    this.addSql(`
create table ai_training_data (
  id uuid primary key default gen_random_uuid(),
  memory_item uuid not null unique references ai_memory (id) on delete cascade,
  training_weight numeric(6, 3) not null default 1 check (training_weight > 0 and training_weight <= 100),
  difficulty_label text check (difficulty_label in ('easy', 'medium', 'hard')),
  subject_tags text[] not null default '{}',
  edited text[] not null default '{}',
  human_verified boolean not null default false,
  verified_by text,
  verified_at timestamptz,
  suggested_because text,
  declined_by text,
  declined_at timestamptz,
  included_in_training boolean not null default false,
  training_batch_id text,
  split text not null default 'train' check (split in ('train', 'validation')),
  prompt_key text not null,
  example_key text not null,
  rules_version integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
-- The order of an export: what has one prompt stands together, so that doubles and leaks are neighbours.
create index ai_training_data_order on ai_training_data (prompt_key, example_key, memory_item);
create index ai_training_data_open on ai_training_data (created_at) where not human_verified and declined_at is null;
comment on column ai_training_data.edited is 'columns a person has set; automatic labels leave them alone';
create index ai_memory_good on ai_memory (id) where is_verified_good;

create table ai_model_training_run (
  id uuid primary key default gen_random_uuid(),
  training_batch_id text not null unique,
  model_version text not null unique,
  base_model text not null,
  training_provider text not null check (training_provider in ('openai', 'vertex', 'command')),
  simulated boolean not null,
  status text not null default 'pending' check (status in ('pending', 'training', 'completed', 'failed', 'deployed', 'rolled_back')),
  phase text not null default 'created' check (phase in ('created', 'uploading', 'submitting', 'polling', 'finished')),
  is_active boolean not null default false,
  training_size integer not null default 0,
  validation_size integer not null default 0,
  training_file text not null,
  validation_file text,
  dataset_manifest text,
  dataset_sha256 text not null,
  hyperparameters jsonb not null default '{}'::jsonb,
  provider_files jsonb not null default '{}'::jsonb,
  provider_job_id text,
  served_provider text,
  served_model text,
  trained_tokens bigint,
  training_cost_nano_usd bigint,
  training_duration_minutes numeric(12, 3),
  training_loss double precision,
  validation_loss double precision,
  validation_accuracy double precision,
  baseline jsonb,
  events jsonb not null default '[]'::jsonb,
  error text,
  requested_by text not null default '',
  host text,
  worker_id uuid,
  fence bigint not null default 0,
  lease_until timestamptz,
  next_step_at timestamptz not null default now(),
  failures integer not null default 0,
  submitting_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  deployed_at timestamptz,
  rolled_back_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index ai_model_training_run_active on ai_model_training_run (simulated) where is_active;
create index ai_model_training_run_open on ai_model_training_run (next_step_at) where phase <> 'finished';

create table ai_quality_gate (
  request_type text primary key,
  min_items integer check (min_items > 0),
  min_check_rate numeric(4, 3) check (min_check_rate between 0 and 1),
  max_loss_of_quality numeric(4, 3) check (max_loss_of_quality between 0 and 1),
  max_failure_share numeric(4, 3) check (max_failure_share between 0 and 1),
  max_p95_latency_ms integer check (max_p95_latency_ms > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table ai_quality_gate is 'thresholds of the gate and of the canary; request_type * is for all; null = the built-in value';

create table ai_evaluation (
  id uuid primary key default gen_random_uuid(),
  model_version text not null,
  candidate_provider text not null,
  candidate_model text not null,
  against_provider text not null,
  against_model text not null,
  simulated boolean not null,
  state text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed')),
  gate text check (gate in ('passed', 'refused')),
  settings jsonb not null default '{}'::jsonb,
  report jsonb,
  error text,
  requested_by text not null default '',
  worker_id uuid,
  lease_until timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ai_evaluation_recent on ai_evaluation (model_version, created_at);
create table ai_evaluation_item (
  id uuid primary key default gen_random_uuid(),
  evaluation_id uuid not null references ai_evaluation (id) on delete cascade,
  place integer not null,
  source text not null check (source in ('validation', 'recent')),
  request_type text not null,
  question jsonb not null,
  reference_text text,
  candidate_text text,
  against_text text,
  candidate_checks jsonb,
  against_checks jsonb,
  candidate_latency_ms integer,
  against_latency_ms integer,
  candidate_cost_nano_usd bigint,
  against_cost_nano_usd bigint,
  candidate_error text,
  against_error text,
  judged text check (judged in ('candidate', 'against', 'tie')),
  human text check (human in ('candidate', 'against', 'tie')),
  human_by text,
  human_at timestamptz,
  created_at timestamptz not null default now(),
  unique (evaluation_id, place)
);
comment on column ai_evaluation_item.human is 'the choice of a person who saw both answers without their makers';

create table ai_experiment (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  kind text not null check (kind in ('canary', 'ab')),
  state text not null default 'running' check (state in ('running', 'promoted', 'rolled_back', 'stopped')),
  request_types text[] not null default '{}',
  simulated boolean not null,
  control_provider text not null,
  control_model text not null,
  candidate_provider text not null,
  candidate_model text not null,
  candidate_share integer not null check (candidate_share between 0 and 100),
  stage_started_at timestamptz not null default now(),
  looks jsonb not null default '[]'::jsonb,
  baseline jsonb,
  decision text,
  decided_because text,
  requested_by text not null default '',
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index ai_experiment_running_canary on ai_experiment (simulated) where kind = 'canary' and state = 'running';
comment on column ai_experiment.request_types is 'empty = all';

create table ai_answer_score (
  memory_item uuid not null references ai_memory (id) on delete cascade,
  source text not null check (source in ('judge', 'human')),
  score numeric(4, 3) not null check (score between 0 and 1),
  scored_by text not null default '',
  created_at timestamptz not null default now(),
  primary key (memory_item, source)
);
comment on table ai_answer_score is 'how good an answer given in traffic is, by a judge model or a person; ratings of users stand in ai_rating';
`);
  }
}
