import { Migration } from '@mikro-orm/migrations';

/** A dispatch window for each lane of a caller, and the mark of what has waited too long. */
export class Lanes extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_job add column aged_at timestamptz;
comment on column ai_job.aged_at is 'since when it goes before everything else in its queue, because it had waited too long';

drop index ai_job_window;
drop index ai_job_waiting;
create index ai_job_window on ai_job (queue, caller, lane, dispatched_at) where state = 'queued' and dispatched_at is not null;
create index ai_job_waiting on ai_job (queue, caller, lane, priority, created_at) where state = 'queued' and dispatched_at is null;
create index ai_job_aged on ai_job (queue) where aged_at is not null and finished_at is null;
`);
  }
}
