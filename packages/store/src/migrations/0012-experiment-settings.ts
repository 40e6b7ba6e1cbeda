import { Migration } from '@mikro-orm/migrations';

/** How an experiment is to be decided, and from when on its control is compared. */
export class ExperimentSettings extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_experiment add column settings jsonb not null default '{}'::jsonb;
create index ai_attempt_of_model on ai_attempt (model, started_at) where provider = 'local_small_model';
create index ai_memory_of_model on ai_memory (model) where provider = 'local_small_model';
`);
  }
}
