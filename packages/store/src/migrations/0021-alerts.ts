import { Migration } from '@mikro-orm/migrations';

/** Alerts of budgets go the way of webhooks. */
export class Alerts extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_webhook_delivery add column alert jsonb;
comment on column ai_webhook_delivery.alert is 'a budget that has reached a threshold: goes to the address of the operator, not to url; null = the answer of a request';
`);
  }
}
