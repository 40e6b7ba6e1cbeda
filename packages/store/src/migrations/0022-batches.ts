import { Migration } from '@mikro-orm/migrations';

/** Batches of texts with the providers' batch APIs. */
export class Batches extends Migration {
  override up(): void {
    this.addSql(`
create table ai_batch (
  id uuid primary key,
  provider text not null,
  model text not null,
  queue text not null,
  simulated boolean not null,
  state text not null default 'submitting' check (state in ('submitting', 'running', 'done')),
  provider_batch_id text,
  foreign_ids text[] not null default '{}',
  requests integer not null,
  handed_over_at timestamptz,
  submitted_at timestamptz,
  cancelled_at timestamptz,
  next_at timestamptz not null,
  tries integer not null default 0,
  worker_id uuid,
  held_until timestamptz,
  ending text,
  error_code text,
  error_message text,
  finished_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index ai_batch_open on ai_batch (next_at) where finished_at is null;
create index ai_batch_recent on ai_batch (created_at);
create unique index ai_batch_with_provider on ai_batch (provider, simulated, provider_batch_id) where provider_batch_id is not null;
comment on column ai_batch.handed_over_at is 'when it was last begun to be handed over; without a provider_batch_id nobody knows whether the provider has it';
comment on column ai_batch.foreign_ids is 'batches of the provider that were taken for this one and were not';

create table ai_batch_item (
  attempt_id uuid primary key,
  batch_id uuid not null,
  job_id uuid not null,
  fence bigint not null,
  custom_id text not null,
  place integer not null,
  sent boolean not null default true,
  settled_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
);
create unique index ai_batch_item_line on ai_batch_item (batch_id, custom_id);
comment on column ai_batch_item.sent is 'false: its job had left the batch before it was handed over';

alter table ai_job add column batch_id uuid;
alter table ai_attempt add column batch_id uuid;
comment on column ai_job.batch_id is 'the batch it is in; null while it is collected';
create index ai_job_batched on ai_job (batch_id, provider, model, simulated, created_at) where state = 'batched';
create index ai_job_batch_due on ai_job (run_after) where state = 'batched';
`);
  }
}
