import { Migration } from '@mikro-orm/migrations';

/** How the loss of a training went down, for people to look at. */
export class TrainingCurve extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_model_training_run add column curve jsonb not null default '[]'::jsonb;
comment on column ai_model_training_run.curve is 'loss and accuracy by step, as the trainer has measured them; empty = it does not say';
create index ai_evaluation_open on ai_evaluation (created_at) where state in ('pending', 'running');
`);
  }
}
