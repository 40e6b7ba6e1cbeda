import { Migration } from '@mikro-orm/migrations';

/** Who may log in to the console, who is logged in, and what they changed. */
export class Console extends Migration {
  override up(): void {
    this.addSql(`
create table ai_console_user (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  password_hash text not null,
  role text not null check (role in ('viewer', 'reviewer', 'operator', 'admin')),
  must_change_password boolean not null default true,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table ai_console_session (
  token_sha256 text primary key,
  user_id uuid not null references ai_console_user (id) on delete cascade,
  csrf_secret text not null,
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index ai_console_session_user on ai_console_session (user_id);
create table ai_login_attempt (
  subject text primary key,
  failures integer not null default 0,
  blocked_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table ai_audit_log (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  action text not null,
  subject text not null,
  before jsonb,
  after jsonb
);
create index ai_audit_log_at on ai_audit_log (at);
`);
  }
}
