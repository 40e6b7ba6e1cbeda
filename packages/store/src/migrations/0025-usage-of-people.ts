import { Migration } from '@mikro-orm/migrations';

/** What one person has asked, newest first: without it, the list of a user who asks seldom read the whole log. */
export class UsageOfPeople extends Migration {
  override up(): void {
    this.addSql(`create index ai_usage_log_person on ai_usage_log (user_id, at, id) where user_id <> ''`);
  }
}
