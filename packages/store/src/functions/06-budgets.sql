-- Budgets: what may be spent by everybody, one key, one user, one category of users or with one provider, a day or a month (UTC). The
-- most a call can cost is held with its attempt and released when the attempt is settled; what was spent is the sum of the attempts
-- that began within the period. Who changes budgets takes one lock for all of them before any other, and no claim or settle waits for
-- another in a circle. Without budgets nothing here is called but one look at an empty table.

create or replace function ai_lock_budgets() returns void
language plpgsql as $$
begin
  -- The table first: making a budget waits for whoever has looked into it, and nobody may wait for that with the lock in hand.
  lock table ai_budget in row exclusive mode;
  perform pg_advisory_xact_lock(hashtextextended('ai_core.budgets', 0));
end $$;

-- The beginning of the period that holds p_at, and, one period later, its end.
create or replace function ai_budget_period(p_period text, p_at timestamptz, p_later integer default 0) returns timestamptz
language sql stable as $$
  select (date_trunc(p_period, p_at at time zone 'UTC') + make_interval(
    days => case p_period when 'day' then p_later else 0 end, months => case p_period when 'month' then p_later else 0 end)) at time zone 'UTC'
$$;

-- Begins the new period of budgets whose period is over. Attempts of the old one are counted there.
create or replace function ai_roll_budgets(p_at timestamptz) returns void
language sql as $$
  update ai_budget set
    period_start = ai_budget_period(period, p_at), period_end = ai_budget_period(period, p_at, 1),
    spent_nano_usd = 0, held_nano_usd = 0, alerted_percent = 0, updated_at = clock_timestamp()
  where period_end <= p_at
$$;

-- The budgets a call counts in.
create or replace function ai_budgets_of(p_simulated boolean, p_caller text, p_user text, p_category text, p_provider text) returns setof ai_budget
language sql stable as $$
  select b.* from ai_budget b
  where b.simulated = p_simulated and (b.scope, b.subject) in (
    ('global', ''), ('caller', p_caller), ('user', p_user), ('user_category', p_category), ('provider', p_provider))
$$;

-- Tries to hold p_amount in every budget the call counts in, in one statement: all of them have room and hold it, or nothing happens.
-- free: no budget counts it. held. wait: there would be room if what is held came back. over: there is none.
-- A call whose outcome nobody knows counts as spent with the most it can have cost until it is settled.
create or replace function ai_try_budgets(
  p_attempt uuid, p_simulated boolean, p_payer ai_job_caller, p_provider text, p_model text, p_amount bigint,
  out out_outcome text, out out_budgets uuid[], out out_refuse boolean, out out_until timestamptz, out out_reason text)
language plpgsql as $$
declare
  b ai_budget;
  v_doubtful bigint;
begin
  select array_agg(x.id) into out_budgets
  from ai_budgets_of(p_simulated, p_payer.caller, p_payer.user_id, p_payer.user_category, p_provider) x;
  if out_budgets is null then out_outcome := 'free'; return; end if;
  out_refuse := false;
  if p_amount is not null then
    with fits as (
      select bool_and(x.spent_nano_usd + x.held_nano_usd + p_amount <= x.limit_nano_usd) as all_fit from ai_budget x where x.id = any (out_budgets)),
    taken as (
      update ai_budget x set held_nano_usd = x.held_nano_usd + p_amount, updated_at = clock_timestamp()
      from fits where fits.all_fit and x.id = any (out_budgets)
      returning x.id, x.period_start, x.limit_nano_usd - x.spent_nano_usd - x.held_nano_usd + p_amount as room)
    insert into ai_budget_hold (attempt_id, budget_id, period_start, amount_nano_usd, room_nano_usd)
    select p_attempt, t.id, t.period_start, p_amount, t.room from taken t;
    if found then out_outcome := 'held'; return; end if;
  end if;
  out_outcome := 'wait';
  for b in select x.* from ai_budget x where x.id = any (out_budgets) order by x.limit_nano_usd - x.spent_nano_usd loop
    select coalesce(sum(h.amount_nano_usd), 0) into v_doubtful
    from ai_budget_hold h join ai_attempt a on a.id = h.attempt_id
    where h.budget_id = b.id and h.period_start = b.period_start and a.state = 'unknown';
    if p_amount is null or b.spent_nano_usd + v_doubtful + p_amount > b.limit_nano_usd then
      out_outcome := 'over';
      out_refuse := out_refuse or b.on_exceed = 'refuse' or p_amount is null;
      out_until := greatest(out_until, b.period_end);
      out_reason := coalesce(out_reason, case
        when p_amount is null then format('%s/%s has no price, so that the %s cannot hold what it costs', p_provider, p_model, ai_name_budget(b))
        else format('the %s is used up until %s', ai_name_budget(b), to_char(b.period_end at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')) end);
    end if;
  end loop;
end $$;

-- A budget as people read it. A user is not named: the reader of an error knows who asked.
create or replace function ai_name_budget(b ai_budget) returns text
language sql stable as $$
  select case b.period when 'day' then 'daily' else 'monthly' end || ' budget of ' || case b.scope
    when 'global' then 'all requests' when 'caller' then 'the key ' || b.subject when 'user' then 'the user'
    when 'user_category' then 'the category ' || b.subject else 'the provider ' || b.subject end
$$;

-- Holds what the next call of a job can cost, before its attempt is written (p_at: when it starts). The first living caller with room
-- pays; candidates after the present one are tried before anybody is refused.
-- out_ended null: no budget counts it, or the present candidate's call is held and out_budgets goes into the attempt. Else the claim ends
-- here: queued (for a wait, or with another candidate; see out_dispatch), parked, or failed, and then its callers want to be told.
create or replace function ai_hold_budgets(
  j ai_job, p_attempt uuid, p_at timestamptz, out out_budgets uuid[], out out_ended text, out out_dispatch jsonb)
language plpgsql as $$
declare
  c ai_job_caller;
  t record;
  v_candidate jsonb;
  v_waits boolean := false;
  v_refuse boolean := false;
  v_until timestamptz;
  v_reason text;
begin
  perform ai_roll_budgets(p_at);
  for v_index in j.candidate .. greatest(j.candidate, jsonb_array_length(j.candidates) - 1) loop
    v_candidate := j.candidates -> v_index;
    for c in
      select d.* from (
        select distinct on (x.caller, x.user_id, x.user_category) x.* from ai_job_caller x
        where x.job_id = j.id and x.cancelled_at is null
        order by x.caller, x.user_id, x.user_category, x.requested_at, x.id) d
      order by d.requested_at, d.id
    loop
      select * into t from ai_try_budgets(
        p_attempt, j.simulated, c, coalesce(v_candidate ->> 'provider', j.provider),
        coalesce(v_candidate ->> 'model', j.model), (v_candidate ->> 'max_cost_nano_usd')::bigint);
      if t.out_outcome in ('free', 'held') then
        if v_index = j.candidate then
          out_budgets := t.out_budgets;
          if j.leader_id is distinct from c.id then update ai_job set leader_id = c.id where id = j.id; end if;
        else
          delete from ai_budget_hold h where h.attempt_id = p_attempt;
          update ai_budget b set held_nano_usd = b.held_nano_usd - (v_candidate ->> 'max_cost_nano_usd')::bigint where b.id = any (t.out_budgets);
          out_dispatch := ai_queue_again(j.id, v_index, 0);
          out_ended := 'queued';
        end if;
        return;
      end if;
      v_waits := v_waits or t.out_outcome = 'wait';
      if t.out_outcome = 'over' then
        v_refuse := v_refuse or t.out_refuse;
        v_until := greatest(v_until, t.out_until);
        v_reason := coalesce(v_reason, t.out_reason);
      end if;
    end loop;
    -- What is held may come back: the cheaper candidate is worth the wait.
    exit when v_waits;
  end loop;

  if v_waits then
    out_dispatch := ai_queue_again(j.id, j.candidate, 0.5 + random());
    out_ended := 'queued';
  elsif v_refuse or v_until is null then
    update ai_job set state = 'failed', finished_at = clock_timestamp(), error_code = 'BUDGET_EXCEEDED',
      error_message = coalesce(v_reason, 'nobody waits for it any more') || '; nothing was called', updated_at = clock_timestamp()
    where id = j.id;
    perform ai_account_callers(j.id, 200);
    out_ended := 'failed';
  else
    update ai_job set state = 'parked', parked_reason = 'budget', parked_at = clock_timestamp(), run_after = v_until, updated_at = clock_timestamp()
    where id = j.id;
    out_ended := 'parked';
  end if;
end $$;

-- Sends a queued or parked job round again with one of its candidates.
create or replace function ai_queue_again(p_job uuid, p_candidate integer, p_delay_s double precision) returns jsonb
language plpgsql as $$
declare
  j ai_job;
begin
  update ai_job set
    state = 'queued', parked_reason = null, parked_at = null,
    candidate_attempts = case candidate when p_candidate then candidate_attempts else 0 end, candidate = p_candidate,
    provider = coalesce(candidates -> p_candidate ->> 'provider', provider), model = coalesce(candidates -> p_candidate ->> 'model', model),
    queue = coalesce(candidates -> p_candidate ->> 'queue', queue),
    generation = nextval('ai_generation_seq'), dispatched_at = clock_timestamp(),
    run_after = clock_timestamp() + make_interval(secs => p_delay_s), updated_at = clock_timestamp()
  where id = p_job
  returning * into j;
  return ai_dispatch(j);
end $$;

-- A settled attempt gives back what it held and is counted with what it cost, in the period in which it began. A part of a long speech
-- has no hold of its own: the whole speech holds for it.
create or replace function ai_release_budgets(a ai_attempt) returns void
language plpgsql as $$
declare
  v_held uuid := a.id;
begin
  perform ai_lock_budgets();
  if a.part is not null then
    select w.id into v_held from ai_attempt w where w.job_id = a.job_id and w.fence = a.fence and w.part is null;
    with used as (
      update ai_budget_hold h set amount_nano_usd = greatest(0, h.amount_nano_usd - coalesce(a.cost_nano_usd, 0))
      from ai_budget_hold o
      where h.attempt_id = v_held and o.attempt_id = h.attempt_id and o.budget_id = h.budget_id
      returning h.budget_id, h.period_start, o.amount_nano_usd - h.amount_nano_usd as used)
    update ai_budget b set held_nano_usd = b.held_nano_usd - used.used, updated_at = clock_timestamp()
    from used where b.id = used.budget_id and b.period_start = used.period_start;
  else
    with gone as (
      delete from ai_budget_hold where attempt_id = v_held returning budget_id, period_start, amount_nano_usd)
    update ai_budget b set held_nano_usd = b.held_nano_usd - gone.amount_nano_usd, updated_at = clock_timestamp()
    from gone where b.id = gone.budget_id and b.period_start = gone.period_start;
  end if;
  update ai_budget b set spent_nano_usd = b.spent_nano_usd + a.cost_nano_usd, updated_at = clock_timestamp()
  where b.id = any (a.budgets) and b.period_start <= a.started_at and a.cost_nano_usd > 0;
end $$;

-- The sentence that refuses new work at the door, when a budget that refuses is used up. Null: it may come in. What a provider may spend
-- is left to the choice of the model, and budgets that park to the claim.
create or replace function ai_refuse_spent(p_simulated boolean, p_caller text, p_user text, p_category text) returns text
language sql stable as $$
  select format('the %s is used up until %s; nothing was called', ai_name_budget(b.*), to_char(b.period_end at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
  from ai_budgets_of(p_simulated, p_caller, p_user, p_category, null) b
  where b.on_exceed = 'refuse' and b.spent_nano_usd >= b.limit_nano_usd and b.period_end > clock_timestamp()
  order by b.period_end desc limit 1
$$;

-- Parked jobs whose budget has a new period or a higher limit, or that a further caller has joined, are tried again.
create or replace function ai_unpark_jobs(p_limit integer) returns setof jsonb
language plpgsql as $$
declare
  v_id uuid;
  v_candidate integer;
begin
  for v_id, v_candidate in
    select j.id, j.candidate from ai_job j
    where j.state = 'parked' and j.parked_reason = 'budget'
      and (j.run_after <= clock_timestamp()
        or exists (select from ai_job_caller c where c.job_id = j.id and c.created_at > j.parked_at and c.cancelled_at is null))
    order by j.priority, j.created_at limit p_limit
    for no key update skip locked
  loop
    -- What can still wait for a batch goes back to be collected.
    update ai_job j set state = 'batched', parked_reason = null, parked_at = null, dispatched_at = null,
      run_after = ai_batch_until(j.created_at, j.deadline), updated_at = clock_timestamp()
    where j.id = v_id and j.lane = 'batch' and j.candidates -> v_candidate ? 'batch' and ai_batch_until(j.created_at, j.deadline) > clock_timestamp();
    if found then continue; end if;
    return next ai_queue_again(v_id, v_candidate, 0);
  end loop;
end $$;

-- Budgets that have reached a further one of their thresholds. Each is returned once.
create or replace function ai_raise_budget_alerts() returns setof ai_budget
language plpgsql as $$
begin
  if not exists (select from ai_budget) then return; end if;
  perform ai_lock_budgets();
  perform ai_roll_budgets(clock_timestamp());
  return query with raised as (
    update ai_budget b set alerted_percent = r.percent, updated_at = clock_timestamp()
    from (
      select x.id, max(p.percent) as percent from ai_budget x cross join lateral unnest(x.alert_percents) p (percent)
      where x.limit_nano_usd > 0 and x.spent_nano_usd::numeric * 100 >= x.limit_nano_usd::numeric * p.percent group by x.id) r
    where b.id = r.id and r.percent > b.alerted_percent
    returning b.*), told as (
    -- Sent by a gateway that knows where to; written down with the alert, so that none is lost.
    insert into ai_webhook_delivery (id, caller, url, alert)
    select gen_random_uuid(), '', '', jsonb_build_object('scope', r.scope, 'subject', r.subject, 'period', r.period, 'simulated', r.simulated,
      'percent', r.alerted_percent, 'limit_nano_usd', r.limit_nano_usd::text, 'spent_nano_usd', r.spent_nano_usd::text,
      'period_start', r.period_start, 'period_end', r.period_end, 'at', clock_timestamp())
    from raised r)
  select * from raised;
end $$;
