-- The end of one attempt, whoever learns of it: bills it (p_charged = 'yes'), clears it ('no') or leaves it open ('unknown').
-- When an unknown attempt was already accounted for, the difference becomes a correction row on the same day.
-- p_result: { usage, cost_nano_usd, realtime_nano_usd, counterfactual_nano_usd, price_id, billed_model, provider_request_id, error_code, error_message }.
create or replace function ai_settle_attempt(p_attempt uuid, p_state text, p_result jsonb) returns boolean
language plpgsql as $$
declare
  a ai_attempt;
  v_was_accounted boolean;
begin
  select * into a from ai_attempt where id = p_attempt for no key update;
  if not found or a.state not in ('reserved', 'unknown') then return false; end if;
  v_was_accounted := a.accounted_at is not null;
  update ai_attempt set
    state = p_state,
    cost_nano_usd = case p_state when 'not_billed' then 0 when 'unknown' then null else (p_result ->> 'cost_nano_usd')::bigint end,
    realtime_nano_usd = (p_result ->> 'realtime_nano_usd')::bigint,
    counterfactual_nano_usd = (p_result ->> 'counterfactual_nano_usd')::bigint,
    price_id = coalesce((p_result ->> 'price_id')::uuid, price_id),
    billed_model = coalesce(p_result ->> 'billed_model', billed_model),
    usage = coalesce(nullif(p_result -> 'usage', 'null'::jsonb), usage),
    provider_request_id = coalesce(p_result ->> 'provider_request_id', provider_request_id),
    settled_by = coalesce(p_result ->> 'settled_by', 'worker'),
    error_code = coalesce(p_result ->> 'error_code', error_code),
    error_message = coalesce(p_result ->> 'error_message', error_message),
    finished_at = clock_timestamp()
  where id = p_attempt
  returning * into a;
  if a.budgets is not null and a.state <> 'unknown' then perform ai_release_budgets(a); end if;
  if a.reserved_tokens is not null and a.state <> 'unknown' then perform ai_correct_rate(a); end if;
  if v_was_accounted and a.state <> 'unknown' then
    insert into ai_usage_log (
      id, at, row_kind, corrects_id, job_id, attempt_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model,
      cost_nano_usd, price_id, source, selection_mode, success)
    select gen_random_uuid(), u.at, 'correction', u.id, u.job_id, u.attempt_id, u.simulated, u.kind, u.request_type, u.endpoint, u.user_id,
      u.caller, u.provider, u.model, a.cost_nano_usd, a.price_id, 'unknown', u.selection_mode, true
    from ai_usage_log u
    where u.id = a.id and u.at = a.started_at;
  end if;
  return true;
end $$;
