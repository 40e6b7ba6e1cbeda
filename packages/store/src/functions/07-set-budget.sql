-- What a budget counts is worked out from the ledger once, when it is made: every attempt of the period is told that it counts in it.
-- From then on each claim tells its own attempt.
create or replace function ai_adopt_attempts(b ai_budget) returns void
language plpgsql as $$
begin
  with mine as (
    select a.id, a.state, a.part, a.max_cost_nano_usd, a.cost_nano_usd from ai_attempt a
    left join lateral (
      -- Who paid, by the accounts; of a call without an outcome whoever is first in the row.
      select p.* from (
        select u.id as caller_id, u.caller, u.user_id, 0 as place from ai_usage_log u where u.attempt_id = a.id and u.row_kind <> 'correction'
        union all
        select c.id, c.caller, c.user_id, 1 from ai_job_caller c join ai_job j on j.id = c.job_id
        where c.job_id = a.job_id and (j.leader_id is null or c.id = j.leader_id)) p
      order by p.place, p.caller_id limit 1) payer on b.scope in ('caller', 'user', 'user_category')
    where a.started_at >= b.period_start and a.simulated = b.simulated and case b.scope
      when 'global' then true
      when 'provider' then a.provider = b.subject
      when 'caller' then payer.caller = b.subject
      when 'user' then payer.user_id = b.subject
      else exists (select from ai_job_caller k where k.id = payer.caller_id and k.user_category = b.subject) end),
  told as (
    update ai_attempt a set budgets = array_append(coalesce(a.budgets, '{}'), b.id) from mine where a.id = mine.id),
  held as (
    insert into ai_budget_hold (attempt_id, budget_id, period_start, amount_nano_usd)
    select mine.id, b.id, b.period_start, mine.max_cost_nano_usd from mine
    where mine.state in ('reserved', 'unknown') and mine.part is null and mine.max_cost_nano_usd is not null
    returning amount_nano_usd)
  update ai_budget x set
    spent_nano_usd = coalesce((select sum(mine.cost_nano_usd) from mine where mine.state in ('billed', 'late')), 0),
    held_nano_usd = coalesce((select sum(held.amount_nano_usd) from held), 0)
  where x.id = b.id;
end $$;

-- Makes or changes a budget. p_limit null removes it.
create or replace function ai_set_budget(
  p_simulated boolean, p_scope text, p_subject text, p_period text, p_limit bigint, p_on_exceed text, p_alert_percents integer[],
  p_origin text default 'admin') returns setof ai_budget
language plpgsql as $$
declare
  b ai_budget;
  v_now timestamptz;
begin
  -- Waits for the claims that have seen no budget and hold nothing in it.
  lock table ai_budget in share row exclusive mode;
  perform ai_lock_budgets();
  v_now := clock_timestamp();
  perform ai_roll_budgets(v_now);
  select * into b from ai_budget x where x.simulated = p_simulated and x.scope = p_scope and x.subject = p_subject and x.period = p_period for update;
  if p_limit is null then
    delete from ai_budget_hold where budget_id = b.id;
    delete from ai_budget where id = b.id;
  elsif b.id is null then
    insert into ai_budget (simulated, scope, subject, period, limit_nano_usd, on_exceed, alert_percents, origin, period_start, period_end)
    values (p_simulated, p_scope, p_subject, p_period, p_limit, p_on_exceed, p_alert_percents, p_origin,
      ai_budget_period(p_period, v_now), ai_budget_period(p_period, v_now, 1))
    returning * into b;
    perform ai_adopt_attempts(b);
  else
    update ai_budget set limit_nano_usd = p_limit, on_exceed = p_on_exceed, alert_percents = p_alert_percents, origin = p_origin,
      alerted_percent = 0, updated_at = v_now
    where id = b.id;
  end if;
  update ai_job set run_after = v_now where state = 'parked' and parked_reason = 'budget';
  return query select * from ai_budget x where x.id = b.id;
end $$;

-- The daily limits of user categories are budgets that refuse.
create or replace function ai_follow_category_limits() returns void
language plpgsql as $$
declare
  r record;
begin
  for r in
    select p.user_category, p.daily_limit_nano_usd, k.simulated
    from ai_user_category_policy p cross join (values (false), (true)) k (simulated)
    left join ai_budget b on b.scope = 'user_category' and b.subject = p.user_category and b.period = 'day' and b.simulated = k.simulated
    where (b.id is null and p.daily_limit_nano_usd is not null)
      or (b.origin = 'category' and b.limit_nano_usd is distinct from p.daily_limit_nano_usd)
    union all
    select b.subject, null, b.simulated from ai_budget b
    where b.origin = 'category' and not exists (select from ai_user_category_policy p where p.user_category = b.subject)
  loop
    perform ai_set_budget(r.simulated, 'user_category', r.user_category, 'day', r.daily_limit_nano_usd, 'refuse', '{80,100}', 'category');
  end loop;
end $$;
