import { Migration } from '@mikro-orm/migrations';

/** Named texts that prompts refer to. A version never changes; the greatest is the current one. */
export class Contexts extends Migration {
  override up(): void {
    this.addSql(`
create table ai_context (
  name text not null,
  version integer not null,
  text text not null,
  sha256 text not null,
  bytes integer not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (name, version)
);
create index ai_context_sha on ai_context (name, sha256);
`);
  }
}
