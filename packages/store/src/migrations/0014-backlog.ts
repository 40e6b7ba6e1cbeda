import { Migration } from '@mikro-orm/migrations';

/** What waits, counted for the doors, and the place of a crowd in the queue. */
export class Backlog extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_job add column crowded boolean not null default false;
comment on column ai_job.crowded is 'the caller had more work in the queue than its window when this came in: it stands behind the work of others';

create table ai_backlog (
  queue text not null,
  caller text not null,
  waiting bigint not null,
  counted_at timestamptz not null default now(),
  primary key (queue, caller)
);
comment on table ai_backlog is 'jobs that wait, counted every two seconds by the maintenance; small backlogs are left out';
`);
  }
}
