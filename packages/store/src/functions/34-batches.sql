-- The batch lane. A job that may wait is `batched`: collected first, then in a batch with its provider. Every line of a batch has an
-- attempt before anything is handed over. A job leaves the lane with a higher fence, so that the line it leaves behind is late when it
-- comes: accounted for, and refused.

-- What is collected, by model.
create or replace function ai_list_collected(p_queues text[]) returns table (
  out_provider text, out_model text, out_queue text, out_simulated boolean, out_requests integer, out_bytes bigint, out_age_ms double precision)
language sql stable as $$
  select j.provider, j.model, j.queue, j.simulated, count(*)::integer,
    sum(coalesce((j.candidates -> j.candidate #>> '{batch,bytes}')::bigint, 0))::bigint,
    extract(epoch from clock_timestamp() - min(j.created_at)) * 1000
  from ai_job j
  where j.state = 'batched' and j.batch_id is null and j.queue = any (p_queues)
  group by j.provider, j.model, j.queue, j.simulated
$$;

-- Leaves room for a call in the day's money of its model; false: there is none.
create or replace function ai_take_daily_spend(j ai_job, p_max_cost bigint, p_at timestamptz) returns boolean
language plpgsql as $$
declare
  v_limit bigint;
begin
  select (c.limits ->> 'dailySpendNanoUsd')::bigint into v_limit from ai_provider_config c
  where c.provider = j.provider and c.model_name = j.model and c.kind = j.kind and c.limits ? 'dailySpendNanoUsd';
  if v_limit is null then return true; end if;
  insert into ai_rate_bucket (provider, model_name, kind, simulated, requests, tokens, refilled_at, line_end, day, reserved_nano_usd)
  values (j.provider, j.model, j.kind, j.simulated, 0, 0, p_at, p_at, (p_at at time zone 'UTC')::date, 0)
  on conflict do nothing;
  update ai_rate_bucket b set
    day = (p_at at time zone 'UTC')::date,
    reserved_nano_usd = case when b.day = (p_at at time zone 'UTC')::date then b.reserved_nano_usd else 0 end + p_max_cost, updated_at = p_at
  where b.provider = j.provider and b.model_name = j.model and b.kind = j.kind and b.simulated = j.simulated
    and case when b.day = (p_at at time zone 'UTC')::date then b.reserved_nano_usd else 0 end + p_max_cost <= v_limit;
  return found;
end $$;

-- Closes a collection: makes a batch of it, with an attempt for every line. p_batch: { id, provider, model, queue, simulated, requests, bytes }.
-- Jobs that memory has answered meanwhile are finished; those whose budget cannot hold them stay, go elsewhere, park or fail.
create or replace function ai_close_batch(p_batch jsonb, p_worker uuid) returns table (out_requests integer, out_dispatches jsonb, out_finished jsonb)
language plpgsql as $$
declare
  j ai_job;
  v_batch uuid := (p_batch ->> 'id')::uuid;
  v_room bigint := (p_batch ->> 'bytes')::bigint;
  v_bytes bigint;
  v_attempt uuid;
  v_max bigint;
  v_memory uuid;
  v_budgets uuid[];
  v_ended text;
  v_dispatch jsonb;
  v_at timestamptz := clock_timestamp();
  v_has_budgets boolean;
  v_has_spend boolean := exists (select from ai_provider_config where limits ? 'dailySpendNanoUsd');
begin
  out_requests := 0; out_dispatches := '[]'::jsonb; out_finished := '[]'::jsonb;
  lock table ai_budget in row exclusive mode;
  v_has_budgets := exists (select from ai_budget);
  if v_has_budgets or v_has_spend then perform ai_lock_budgets(); end if;
  for j in
    select x.* from ai_job x
    where x.state = 'batched' and x.batch_id is null and x.provider = p_batch ->> 'provider' and x.model = p_batch ->> 'model'
      and x.queue = p_batch ->> 'queue' and x.simulated = (p_batch ->> 'simulated')::boolean
    order by x.priority, x.created_at, x.id limit (p_batch ->> 'requests')::integer
    for no key update skip locked
  loop
    v_bytes := coalesce((j.candidates -> j.candidate #>> '{batch,bytes}')::bigint, 0);
    exit when v_bytes > v_room and out_requests > 0;
    -- The same words in another job that is not shared: a batch takes a custom id once.
    continue when exists (select from ai_batch_item i where i.batch_id = v_batch and i.custom_id = j.prompt_hash);
    v_memory := null;
    if j.shared and j.cache_mode = 'use' then
      select m.id into v_memory from ai_memory m
      where m.prompt_hash = j.prompt_hash and m.scope = j.scope and m.simulated = j.simulated and m.is_current
        and (m.expires_at is null or m.expires_at > v_at);
    end if;
    if v_memory is not null then
      update ai_job set state = 'done', source = 'memory', memory_id = v_memory, finished_at = clock_timestamp(), updated_at = clock_timestamp()
      where id = j.id;
      perform ai_account_callers(j.id, 200);
      out_finished := out_finished || ai_finished_json(j.id);
      continue;
    end if;

    v_attempt := gen_random_uuid();
    v_max := ceil((j.candidates -> j.candidate ->> 'max_cost_nano_usd')::numeric
      * (j.candidates -> j.candidate #>> '{batch,basis_points}')::numeric / 10000);
    if v_has_spend and not ai_take_daily_spend(j, coalesce(v_max, 0), v_at) then continue; end if;
    v_budgets := null; v_ended := null;
    if v_has_budgets then
      select h.out_budgets, h.out_ended, h.out_dispatch into v_budgets, v_ended, v_dispatch from ai_hold_budgets(
        jsonb_populate_record(j, jsonb_build_object('candidates',
          jsonb_set(j.candidates, array[j.candidate::text, 'max_cost_nano_usd'], to_jsonb(v_max::text)))), v_attempt, v_at) h;
      if v_ended = 'queued' and (select x.candidate from ai_job x where x.id = j.id) = j.candidate then
        -- What is held may come back: it waits here, at the lower price.
        update ai_job set state = 'batched', dispatched_at = null, run_after = j.run_after where id = j.id;
        continue;
      elsif v_ended = 'queued' then
        out_dispatches := out_dispatches || v_dispatch;
        continue;
      elsif v_ended is not null then
        if v_ended = 'failed' then out_finished := out_finished || ai_finished_json(j.id); end if;
        continue;
      end if;
    end if;

    if out_requests = 0 then
      insert into ai_batch (id, provider, model, queue, simulated, requests, next_at)
      values (v_batch, j.provider, j.model, j.queue, j.simulated, 0, v_at);
    end if;
    update ai_job set batch_id = v_batch, fence = fence + 1, attempts = attempts + 1, candidate_attempts = candidate_attempts + 1, updated_at = v_at
    where id = j.id
    returning * into j;
    insert into ai_attempt (id, job_id, fence, worker_id, provider, model, simulated, price_id, max_cost_nano_usd, started_at, budgets,
      reserved_tokens, batch_id)
    values (v_attempt, j.id, j.fence, p_worker, j.provider, j.model, j.simulated, (j.candidates -> j.candidate ->> 'price_id')::uuid, v_max, v_at,
      v_budgets, case when v_has_spend then 0 end, v_batch);
    insert into ai_batch_item (attempt_id, batch_id, job_id, fence, custom_id, place)
    values (v_attempt, v_batch, j.id, j.fence, j.prompt_hash, out_requests);
    v_room := v_room - v_bytes;
    out_requests := out_requests + 1;
  end loop;
  update ai_batch set requests = out_requests where id = v_batch;
  return next;
end $$;

-- A finished job, and who wants to be told.
create or replace function ai_finished_json(p_job uuid) returns jsonb
language sql stable as $$
  select jsonb_build_object('jobId', p_job, 'replyTo', coalesce(
    (select jsonb_agg(distinct c.reply_to) from ai_job_caller c where c.job_id = p_job and c.reply_to is not null), '[]'::jsonb))
$$;

-- Takes a batch that is due, for p_hold; nobody else takes it meanwhile, unless its worker dies.
create or replace function ai_take_batch(p_worker uuid, p_queues text[], p_hold interval) returns setof ai_batch
language sql as $$
  update ai_batch b set worker_id = p_worker, held_until = clock_timestamp() + p_hold, updated_at = clock_timestamp()
  where b.id = (
    select x.id from ai_batch x
    where x.finished_at is null and x.next_at <= clock_timestamp() and x.queue = any (p_queues)
      and (x.held_until is null or x.held_until < clock_timestamp()
        -- Its own, when what it did with it broke off.
        or x.worker_id = p_worker
        or exists (select from ai_worker w where w.id = x.worker_id and w.dead_at is not null))
    order by x.next_at limit 1
    for update skip locked)
  returning b.*
$$;

-- Says that a batch is about to be handed over; from now on it may be with the provider. Jobs that have left it are left out.
-- Null: it is no longer this worker's, and nothing may be sent. 0: nobody waits for it any more.
create or replace function ai_hand_over_batch(p_batch uuid, p_worker uuid) returns integer
language plpgsql as $$
declare
  v_requests integer;
begin
  perform from ai_batch where id = p_batch and worker_id = p_worker and held_until > clock_timestamp() and state = 'submitting' for update;
  if not found then return null; end if;
  update ai_batch_item i set sent = exists (
    select from ai_job j where j.id = i.job_id and j.state = 'batched' and j.batch_id = p_batch and j.fence = i.fence)
  where i.batch_id = p_batch;
  select count(*) into v_requests from ai_batch_item i where i.batch_id = p_batch and i.sent;
  update ai_batch set requests = v_requests, tries = tries + 1, updated_at = clock_timestamp(),
    handed_over_at = case when v_requests > 0 then clock_timestamp() end
  where id = p_batch;
  return v_requests;
end $$;

-- Lets a batch go until it is looked at again. p_change: { next_ms, provider_batch_id, forget_hand_over, cancelled, foreign_id, error_code, error_message }.
create or replace function ai_put_batch(p_batch uuid, p_worker uuid, p_change jsonb) returns boolean
language plpgsql as $$
begin
  update ai_batch b set
    provider_batch_id = case when p_change ? 'foreign_id' then null else coalesce(p_change ->> 'provider_batch_id', b.provider_batch_id) end,
    foreign_ids = case when p_change ? 'foreign_id' then b.foreign_ids || (p_change ->> 'foreign_id') else b.foreign_ids end,
    state = case when p_change ? 'foreign_id' then 'submitting' when p_change ? 'provider_batch_id' then 'running' else b.state end,
    submitted_at = case when p_change ? 'provider_batch_id' then clock_timestamp() else b.submitted_at end,
    handed_over_at = case when p_change ? 'forget_hand_over' then null else b.handed_over_at end,
    cancelled_at = case when p_change ? 'cancelled' then clock_timestamp() else b.cancelled_at end,
    error_code = case when p_change ? 'provider_batch_id' then null else coalesce(p_change ->> 'error_code', b.error_code) end,
    error_message = case when p_change ? 'provider_batch_id' then null else coalesce(p_change ->> 'error_message', b.error_message) end,
    next_at = clock_timestamp() + make_interval(secs => (p_change ->> 'next_ms')::double precision / 1000),
    held_until = null, updated_at = clock_timestamp()
  where b.id = p_batch and b.worker_id = p_worker and b.finished_at is null;
  return found;
end $$;

-- Answers of a batch come back. Jobs that still wait for it are taken in hand and settled in this one transaction: a crash leaves them as
-- they were, and the lines are read again.
create or replace function ai_settle_batched(p_batch uuid, p_answers jsonb, p_worker uuid)
returns table (out_n integer, out_outcome text, out_job uuid, out_reply_to text[], out_more boolean)
language plpgsql as $$
begin
  -- Before the jobs, as everybody who has budgets to do with.
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  perform ai_hold_batched(p_batch, (select array_agg((x ->> 'attempt_id')::uuid) from jsonb_array_elements(p_answers) x), p_worker);
  return query select * from ai_settle(p_answers, p_worker, true);
  update ai_batch_item i set settled_at = clock_timestamp()
  where i.attempt_id in (select (x ->> 'attempt_id')::uuid from jsonb_array_elements(p_answers) x) and i.settled_at is null;
end $$;

-- A line of a batch failed; as ai_fail.
create or replace function ai_fail_batched(p_batch uuid, p_failure jsonb, p_worker uuid)
returns table (out_outcome text, out_dispatch jsonb, out_reply_to text[], out_more boolean, out_opened boolean)
language plpgsql as $$
begin
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  perform ai_hold_batched(p_batch, array[(p_failure ->> 'attempt_id')::uuid], p_worker);
  return query select * from ai_fail(p_failure, p_worker);
  update ai_batch_item i set settled_at = clock_timestamp() where i.attempt_id = (p_failure ->> 'attempt_id')::uuid and i.settled_at is null;
end $$;

-- Takes the jobs of lines in hand that still wait for them.
create or replace function ai_hold_batched(p_batch uuid, p_attempts uuid[], p_worker uuid) returns void
language plpgsql as $$
declare
  v_job uuid;
begin
  -- One by one and in the order of all who lock several jobs.
  for v_job in
    select i.job_id from ai_batch_item i where i.attempt_id = any (p_attempts) and i.batch_id = p_batch order by i.job_id
  loop
    update ai_job j set state = 'running', worker_id = p_worker, batch_id = null
    where j.id = v_job and j.state = 'batched' and j.batch_id = p_batch;
  end loop;
end $$;

-- Lines that the batch has not answered: nothing was charged for them, and their jobs go on at once, on their own.
-- p_charged: unknown where the provider may have charged all the same. A row for each line: what to dispatch, or null.
create or replace function ai_return_batch(p_batch uuid, p_charged text, p_limit integer) returns setof jsonb
language plpgsql as $$
declare
  i ai_batch_item;
  j ai_job;
begin
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  for i in select x.* from ai_batch_item x where x.batch_id = p_batch and x.settled_at is null order by x.job_id limit p_limit loop
    perform from ai_job where id = i.job_id for no key update;
    perform ai_settle_attempt(i.attempt_id, case when p_charged = 'unknown' and i.sent then 'unknown' else 'not_billed' end,
      jsonb_build_object('settled_by', 'batch'));
    update ai_job set
      state = 'queued', batch_id = null, fence = fence + 1, attempts = greatest(0, attempts - 1), candidate_attempts = greatest(0, candidate_attempts - 1),
      generation = nextval('ai_generation_seq'), run_after = clock_timestamp(), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = i.job_id and state = 'batched' and batch_id = p_batch and fence = i.fence
    returning * into j;
    return next case when found then ai_dispatch(j) end;
    update ai_batch_item set settled_at = clock_timestamp() where attempt_id = i.attempt_id;
  end loop;
end $$;

create or replace function ai_finish_batch(p_batch uuid, p_ending text, p_code text, p_message text) returns void
language sql as $$
  update ai_batch set state = 'done', ending = p_ending, error_code = coalesce(p_code, error_code), error_message = coalesce(p_message, error_message),
    finished_at = clock_timestamp(), held_until = null, updated_at = clock_timestamp()
  where id = p_batch and finished_at is null
    and not exists (select from ai_batch_item i where i.batch_id = p_batch and i.settled_at is null)
$$;

-- Jobs whose time in the batch lane is over are called on their own. The line of those that are in a batch is late when it comes.
create or replace function ai_leave_batch_lane(p_limit integer) returns setof jsonb
language plpgsql as $$
declare
  v_id uuid;
  j ai_job;
begin
  for v_id in
    select x.id from ai_job x where x.state = 'batched' and x.run_after <= clock_timestamp() order by x.id limit p_limit
    for no key update skip locked
  loop
    update ai_job set state = 'queued', batch_id = null, fence = fence + 1, generation = nextval('ai_generation_seq'),
      dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = v_id
    returning * into j;
    return next ai_dispatch(j);
  end loop;
end $$;
