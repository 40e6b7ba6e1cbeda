import { Migration } from '@mikro-orm/migrations';

/** The usage log is leafed through newest first: the sparse index on `at` finds a month, not a page. */
export class UsageList extends Migration {
  override up(): void {
    this.addSql(`create index ai_usage_log_newest on ai_usage_log (at, id)`);
  }
}
