import { Migration } from '@mikro-orm/migrations';

/** What a vendor itself says about calls at once. */
export class MostAtOnce extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_provider_health add column most_at_once integer check (most_at_once > 0);
comment on column ai_provider_health.most_at_once is 'calls at once that the vendor allows the account, as its answers say; null = it does not say';
`);
  }
}
