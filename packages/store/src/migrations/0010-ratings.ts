import { Migration } from '@mikro-orm/migrations';

/** What users think of remembered answers; the average stands in ai_memory. */
export class Ratings extends Migration {
  override up(): void {
    this.addSql(`
create table ai_rating (
  memory_id uuid not null references ai_memory (id) on delete cascade,
  caller text not null,
  user_id text not null,
  rating numeric(4, 3) not null check (rating between 0 and 5),
  comment text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (memory_id, caller, user_id)
);
`);
  }
}
