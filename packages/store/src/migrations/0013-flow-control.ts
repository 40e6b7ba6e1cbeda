import { Migration } from '@mikro-orm/migrations';

/** Circuits that probe, and buckets for what a vendor allows in a minute. */
export class FlowControl extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_provider_health add column opens integer not null default 0, add column probe_until timestamptz;
comment on column ai_provider_health.opens is 'times the circuit has opened since a call last worked';

create table ai_rate_bucket (
  provider text not null,
  model_name text not null,
  kind text not null check (kind in ('text', 'audio')),
  simulated boolean not null,
  requests double precision not null,
  tokens double precision not null,
  scale double precision not null default 1,
  refilled_at timestamptz not null,
  line_end timestamptz not null,
  day date not null,
  reserved_nano_usd bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, model_name, kind, simulated)
) with (fillfactor = 50);
comment on table ai_rate_bucket is 'room left under the limits of a model; may be emptied at any time, which at worst allows one store more';

comment on column ai_rate_bucket.scale is 'what calls use of what they are thought to use, as learnt from those that ended';

alter table ai_attempt add column reserved_tokens integer;
comment on column ai_attempt.reserved_tokens is 'room taken in the bucket of the model; null = the model has no limits';
`);
  }
}
