import { Migration } from '@mikro-orm/migrations';

/** Voices of our accounts, and attempts that bought one part of a long speech. */
export class Speech extends Migration {
  override up(): void {
    this.addSql(`
create table ai_voice (
  provider text not null,
  voice_id text not null,
  name text not null,
  languages text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (provider, voice_id)
);
comment on column ai_voice.languages is 'BCP 47; empty = all';

alter table ai_attempt add column part integer;
comment on column ai_attempt.part is 'of a long speech: which part the call bought, from 1; null = the whole answer';
`);
  }
}
