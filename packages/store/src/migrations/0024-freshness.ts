import { Migration } from '@mikro-orm/migrations';

/** Answers that are still given out after they have expired, while a new one is bought behind them. */
export class Freshness extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_request_type_policy add column stale_for_s integer check (stale_for_s > 0);
comment on column ai_request_type_policy.stale_for_s is 'for how many seconds after its expiry an answer is still given out while one new answer is bought behind it; null = not at all';
alter table ai_memory add column serve_until timestamptz, add column refresh_begun_at timestamptz;
comment on column ai_memory.serve_until is 'an answer that has expired is given out until then, and refreshed behind; null = it ends when it expires';
comment on column ai_memory.refresh_begun_at is 'when somebody last set out to refresh it; others leave it to them for a while';
`);
  }
}
