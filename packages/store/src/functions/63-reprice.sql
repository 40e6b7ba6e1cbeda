-- Gives a settled attempt the cost it should have had: the difference becomes a signed correction row on the day of the row it corrects,
-- and hits from now on save the new amount. False: somebody else changed the cost meanwhile, or its usage row is not written yet.
create or replace function ai_reprice(p_attempt uuid, p_before bigint, p_cost bigint, p_price uuid) returns boolean
language plpgsql as $$
declare
  a ai_attempt;
  u ai_usage_log;
begin
  -- Before the attempt, as everybody who has budgets to do with.
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  select * into a from ai_attempt where id = p_attempt for no key update;
  if not found or a.state not in ('billed', 'late') or a.cost_nano_usd is distinct from p_before then return false; end if;
  select * into u from ai_usage_log where attempt_id = p_attempt and row_kind <> 'correction' order by at limit 1;
  if not found then return false; end if;
  update ai_attempt set cost_nano_usd = p_cost, price_id = p_price where id = p_attempt;
  update ai_budget b set spent_nano_usd = b.spent_nano_usd + p_cost - coalesce(p_before, 0), updated_at = clock_timestamp()
  where b.id = any (a.budgets) and b.period_start <= a.started_at;
  insert into ai_usage_log (
    id, at, row_kind, corrects_id, job_id, attempt_id, memory_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model,
    cost_nano_usd, price_id, source, selection_mode, success)
  values (
    gen_random_uuid(), u.at, 'correction', u.id, u.job_id, u.attempt_id, u.memory_id, u.simulated, u.kind, u.request_type, u.endpoint, u.user_id,
    u.caller, u.provider, u.model, p_cost - coalesce(p_before, 0), p_price, u.source, u.selection_mode, true);
  update ai_memory set cost_nano_usd = p_cost, updated_at = clock_timestamp() where id = p_attempt and cost_nano_usd is not distinct from p_before;
  return true;
end $$;
