import { Migration } from '@mikro-orm/migrations';

/** What was saved, split by the reason, so that the parts add up to what a request would have cost minus what it did cost. */
export class Savings extends Migration {
  override up(): void {
    this.addSql(`
alter table ai_attempt add column realtime_nano_usd bigint, add column counterfactual_nano_usd bigint;
comment on column ai_attempt.realtime_nano_usd is 'what the call had cost without the batch discount; null = as much as it did cost';
comment on column ai_attempt.counterfactual_nano_usd is 'what the same tokens had cost, not in a batch, with the model that would else have answered; null = no other model would have';
alter table ai_memory add column realtime_nano_usd bigint, add column counterfactual_nano_usd bigint;
alter table ai_usage_log add column saved_batch_nano_usd bigint not null default 0, add column saved_cheaper_nano_usd bigint not null default 0,
  add column saved_own_nano_usd bigint not null default 0;
comment on column ai_usage_log.saved_nano_usd is 'what the request would have cost minus what it did cost: the three parts beside it, and what saved_source names';
alter table ai_daily_cost add column saved_memory_nano_usd bigint not null default 0, add column saved_in_flight_nano_usd bigint not null default 0,
  add column saved_batch_nano_usd bigint not null default 0, add column saved_cheaper_nano_usd bigint not null default 0,
  add column saved_own_nano_usd bigint not null default 0;
alter table ai_request_type_policy add column incumbent_provider text, add column incumbent_model text;
comment on column ai_request_type_policy.incumbent_model is 'what the costs of the type are compared with: the model that answered before a cheaper one took over';
-- Every day that the usage log still has is counted again, with the new columns.
update ai_rollup_state set last_xid = '0'::xid8;
`);
  }
}
