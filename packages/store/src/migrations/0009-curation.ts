import { Migration } from '@mikro-orm/migrations';

/** Who judged a remembered answer and why; since when a vendor no longer lists a model. */
export class Curation extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_memory add column verdict_by text, add column verdict_at timestamptz, add column verdict_reason text;
comment on column ai_memory.verdict_reason is 'why it was rejected or is stale, in the words of the person';
alter table ai_provider_config add column missing_since timestamptz;
comment on column ai_provider_config.missing_since is 'since when the vendor no longer lists the model among those our key may use';
`);
  }
}
