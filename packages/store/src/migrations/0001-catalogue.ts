import { Migration } from '@mikro-orm/migrations';

/** What may be chosen, what it costs, how each request type is treated, and how the providers are. */
export class Catalogue extends Migration {
  override up(): void {
    this.addSql(`
create table ai_provider_config (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  model_name text not null,
  kind text not null check (kind in ('text', 'audio')),
  tier text not null check (tier in ('cheap', 'normal', 'premium')),
  cost_per_million_tokens numeric(18, 9),
  cost_per_request numeric(18, 9),
  quality_score numeric(4, 3) not null default 0.5 check (quality_score between 0 and 1),
  is_active boolean not null default true,
  is_default boolean not null default false,
  max_tokens integer,
  max_output_tokens integer,
  capabilities jsonb not null default '{}'::jsonb,
  lifecycle text not null default 'active' check (lifecycle in ('active', 'deprecated', 'retired')),
  shutdown_date date,
  successor text,
  limits jsonb not null default '{}'::jsonb,
  traffic_share integer check (traffic_share between 0 and 100),
  base_url text,
  admin_edited text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider, model_name, kind)
);
comment on column ai_provider_config.admin_edited is 'columns an admin has set; setup-providers leaves them alone';

create table ai_price (
  id uuid primary key default gen_random_uuid(),
  provider text not null,
  model_name text not null,
  effective_from timestamptz not null,
  effective_to timestamptz,
  input_nano_usd bigint,
  output_nano_usd bigint,
  cached_input_nano_usd bigint,
  cache_write_nano_usd bigint,
  cache_write_long_nano_usd bigint,
  characters_nano_usd bigint,
  audio_output_nano_usd bigint,
  per_request_nano_usd bigint not null default 0,
  batch_basis_points integer not null default 10000,
  long_context jsonb,
  source text not null,
  checked_at date,
  created_at timestamptz not null default now(),
  unique (provider, model_name, effective_from)
);
comment on table ai_price is 'nano-USD per million units; rows are never changed, a new price is a new row';

create table ai_request_type_policy (
  request_type text primary key,
  tier text check (tier in ('cheap', 'normal', 'premium')),
  normalization text check (normalization in ('loose', 'exact')),
  quality_floor numeric(4, 3) check (quality_floor between 0 and 1),
  max_prompt_characters integer,
  max_output_tokens integer,
  expires_after_days integer,
  timeout_ms integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table ai_provider_health (
  provider text primary key,
  circuit text not null default 'closed' check (circuit in ('closed', 'open', 'half_open')),
  failures integer not null default 0,
  reason text,
  opened_at timestamptz,
  open_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
`);
  }
}
