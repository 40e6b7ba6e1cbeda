import { Migration } from '@mikro-orm/migrations';

/** What the HTTP door needs: keys, what user categories may use, webhooks, and groups of bulk requests. */
export class Doors extends Migration {
  override up(): void {
    this.addSql(`
create table ai_api_key (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  sha256 text not null unique,
  hint text not null,
  role text not null check (role in ('app', 'admin')),
  scopes text[],
  requests_per_minute integer check (requests_per_minute > 0),
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column ai_api_key.hint is 'the last characters of the key, so that people can tell keys apart';
comment on column ai_api_key.scopes is 'scopes a request may name, * at the end for any ending; null = every scope';
comment on column ai_api_key.name is 'the caller in the accounts; a name is never given twice, also after the key was revoked';

create table ai_api_key_minute (
  key_id uuid primary key,
  minute timestamptz not null,
  taken integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table ai_api_key_minute is 'requests of the current minute that have been handed out to the gateways';

create table ai_user_category_policy (
  user_category text primary key,
  allowed_tiers text[] check (allowed_tiers <@ array['cheap', 'normal', 'premium']),
  allowed_models text[],
  daily_limit_nano_usd bigint check (daily_limit_nano_usd >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table ai_webhook_delivery (
  id uuid primary key,
  caller text not null,
  job_id uuid,
  memory_id uuid,
  url text not null,
  sealed_values bytea,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  status integer,
  error_message text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on column ai_webhook_delivery.id is 'the id of the request whose answer is announced';
create index ai_webhook_delivery_pending on ai_webhook_delivery (next_attempt_at) where state = 'pending';

create table ai_bulk_group (
  id uuid primary key,
  caller text not null,
  requests integer not null,
  created_at timestamptz not null default now()
);
create table ai_bulk_item (
  group_id uuid not null references ai_bulk_group (id) on delete cascade,
  line integer not null,
  request_id uuid,
  job_id uuid,
  memory_id uuid,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  primary key (group_id, line)
);
`);
  }
}
