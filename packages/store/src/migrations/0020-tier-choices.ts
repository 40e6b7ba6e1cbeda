import { Migration } from '@mikro-orm/migrations';

/** Cheaper tiers that were chosen for request types because of what was measured, and how to go back. */
export class TierChoices extends Migration {
  override up(): void {
    this.addSql(`
create table ai_tier_choice (
  id uuid primary key default gen_random_uuid(),
  request_type text not null,
  simulated boolean not null,
  from_tier text not null check (from_tier in ('cheap', 'normal', 'premium')),
  to_tier text not null check (to_tier in ('cheap', 'normal', 'premium')),
  from_provider text not null,
  from_model text not null,
  to_provider text not null,
  to_model text not null,
  evidence jsonb not null,
  monthly_saving_nano_usd bigint not null,
  policy_before jsonb not null,
  applied_by text not null,
  applied_at timestamptz not null default clock_timestamp(),
  undone_by text,
  undone_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ai_tier_choice_recent on ai_tier_choice (request_type, applied_at);
comment on column ai_tier_choice.policy_before is 'tier and incumbent of the type before, which undoing puts back';
`);
  }
}
