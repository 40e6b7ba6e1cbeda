-- Gives a settled attempt the cost it should have had: the difference becomes a signed correction row on the day of the row it corrects,
-- and hits from now on save the new amount. What the call saved its payer by being in a batch or by its model changes by the same row; what
-- the other model would have cost stays. p_result: { cost_nano_usd, realtime_nano_usd, price_id }. False: somebody else changed the cost
-- meanwhile, or its usage row is not written yet.
create or replace function ai_correct_cost(p_attempt uuid, p_before bigint, p_result jsonb) returns boolean
language plpgsql as $$
declare
  a ai_attempt;
  u ai_usage_log;
  was record;
  will record;
  v_cost bigint := (p_result ->> 'cost_nano_usd')::bigint;
  v_realtime bigint := (p_result ->> 'realtime_nano_usd')::bigint;
  v_price uuid := (p_result ->> 'price_id')::uuid;
begin
  -- Before the attempt, as everybody who has budgets to do with.
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  select * into a from ai_attempt where id = p_attempt for no key update;
  if not found or a.state not in ('billed', 'late') or a.cost_nano_usd is distinct from p_before then return false; end if;
  select * into u from ai_usage_log where attempt_id = p_attempt and row_kind <> 'correction' order by at limit 1;
  if not found then return false; end if;
  select * into was from ai_split_saving(a.cost_nano_usd, a.realtime_nano_usd, a.counterfactual_nano_usd, a.provider);
  select * into will from ai_split_saving(v_cost, v_realtime, a.counterfactual_nano_usd, a.provider);
  -- A call that answered nobody saved nobody anything.
  if u.row_kind <> 'request' or not u.success then was := will; end if;
  update ai_attempt set cost_nano_usd = v_cost, realtime_nano_usd = v_realtime, price_id = v_price where id = p_attempt;
  update ai_budget b set spent_nano_usd = b.spent_nano_usd + v_cost - coalesce(p_before, 0), updated_at = clock_timestamp()
  where b.id = any (a.budgets) and b.period_start <= a.started_at;
  insert into ai_usage_log (
    id, at, row_kind, corrects_id, job_id, attempt_id, memory_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model,
    cost_nano_usd, price_id, saved_nano_usd, saved_batch_nano_usd, saved_cheaper_nano_usd, saved_own_nano_usd, source, selection_mode, success)
  values (
    gen_random_uuid(), u.at, 'correction', u.id, u.job_id, u.attempt_id, u.memory_id, u.simulated, u.kind, u.request_type, u.endpoint, u.user_id,
    u.caller, u.provider, u.model, v_cost - coalesce(p_before, 0), v_price, will.batch + will.model - was.batch - was.model, will.batch - was.batch,
    case when will.own then 0 else will.model - was.model end, case when will.own then will.model - was.model else 0 end,
    u.source, u.selection_mode, true);
  update ai_memory set cost_nano_usd = v_cost, realtime_nano_usd = v_realtime, updated_at = clock_timestamp()
  where id = p_attempt and cost_nano_usd is not distinct from p_before;
  return true;
end $$;
