-- A worker takes queued jobs. A claim needs the generation the queue entry carries: a stale entry is refused and nothing happens.
-- The claim looks into memory again (another generation may have answered meanwhile) and writes the attempt, with the most it can
-- cost, before the provider is called. Where the provider's circuit is open, the model's limits leave no room, or a budget cannot hold that
-- cost, the job waits, goes elsewhere, parks or fails instead. For each claim the caller's next waiting job is dispatched.
create or replace function ai_claim(p_claims jsonb, p_worker uuid, p_wait boolean)
returns table (
  out_n integer, out_outcome text, out_job uuid, out_fence bigint, out_started_at timestamptz, out_wait_ms integer, out_details jsonb,
  out_next jsonb)
language plpgsql as $$
declare
  r record;
  j ai_job;
  v_memory uuid;
  v_candidate jsonb;
  v_reply_to text[];
  v_alive boolean;
  v_has_budgets boolean;
  v_has_limits boolean;
  v_has_circuits boolean;
  v_budgets uuid[];
  v_tokens integer;
  v_ended text;
begin
  select exists (select from ai_worker w where w.id = p_worker and w.dead_at is null) into v_alive;
  -- So that whoever makes a budget waits until this claim is counted or seen; a backup that reads the table holds nobody up.
  lock table ai_budget in row exclusive mode;
  v_has_budgets := exists (select from ai_budget);
  v_has_limits := exists (
    select from ai_provider_config where limits ?| array['requestsPerMinute', 'tokensPerMinute', 'concurrency', 'dailySpendNanoUsd']);
  v_has_circuits := exists (select from ai_provider_health where circuit <> 'closed' or most_at_once is not null);
  if v_has_budgets or v_has_limits then perform ai_lock_budgets(); end if;
  for r in
    select * from jsonb_to_recordset(p_claims) as x (n integer, job_id uuid, generation bigint, attempt_id uuid) order by job_id
  loop
    out_n := r.n; out_job := r.job_id; out_outcome := 'refused'; out_fence := null; out_details := null; out_next := '[]'::jsonb;
    out_started_at := clock_timestamp(); out_wait_ms := 0;
    if not v_alive then out_outcome := 'dead'; return next; continue; end if;

    if p_wait then
      select * into j from ai_job where id = r.job_id and generation = r.generation and state = 'queued' for no key update;
    else
      select * into j from ai_job where id = r.job_id and generation = r.generation and state = 'queued' for no key update skip locked;
      if not found then
        perform from ai_job where id = r.job_id and generation = r.generation and state = 'queued';
        if found then out_outcome := 'again'; end if;
        return next; continue;
      end if;
    end if;
    if j.id is null then return next; continue; end if;
    if j.run_after > out_started_at then
      out_outcome := 'early';
      out_wait_ms := ceil(extract(epoch from j.run_after - out_started_at) * 1000);
      return next; continue;
    end if;

    out_next := ai_dispatch_next(j.queue, j.caller, j.lane, 1);
    v_ended := null;

    if j.deadline is not null and not exists (
      select from ai_job_caller c where c.job_id = j.id and c.cancelled_at is null and (c.deadline is null or c.deadline > out_started_at))
    then
      update ai_job set state = 'failed', finished_at = clock_timestamp(), error_code = 'RESULT_NOT_READY',
        error_message = 'the deadline of every caller passed before the work began; nothing was called', updated_at = clock_timestamp()
      where id = j.id;
      perform ai_account_callers(j.id, 200);
      out_outcome := 'expired';
    else
      v_memory := null;
      if j.shared and j.cache_mode = 'use' then
        select m.id into v_memory from ai_memory m
        where m.prompt_hash = j.prompt_hash and m.scope = j.scope and m.simulated = j.simulated and m.is_current
          and (m.expires_at is null or m.expires_at > out_started_at);
      end if;
      if v_memory is not null then
        update ai_job set state = 'done', source = 'memory', memory_id = v_memory, finished_at = clock_timestamp(), updated_at = clock_timestamp()
        where id = j.id;
        perform ai_account_callers(j.id, 200);
        out_outcome := 'memory';
      else
        v_budgets := null;
        v_tokens := null;
        if v_has_circuits then
          select g.out_ended, out_next || coalesce(g.out_dispatch, '[]'::jsonb) into v_ended, out_next from ai_gate_provider(j, out_started_at) g;
        end if;
        if v_has_limits and v_ended is null then
          select g.out_ended, g.out_tokens, out_next || coalesce(g.out_dispatch, '[]'::jsonb) into v_ended, v_tokens, out_next
          from ai_gate_rate(j, (j.candidates -> j.candidate ->> 'max_cost_nano_usd')::bigint, out_started_at) g;
        end if;
        if v_has_budgets and v_ended is null then
          select h.out_budgets, h.out_ended, out_next || coalesce(h.out_dispatch, '[]'::jsonb) into v_budgets, v_ended, out_next
          from ai_hold_budgets(j, r.attempt_id, out_started_at) h;
        end if;
      end if;
      if v_ended in ('queued', 'parked') then return next; continue; end if;
      if v_ended = 'failed' then
        out_outcome := 'expired';
      elsif v_memory is null then
        v_candidate := j.candidates -> j.candidate;
        update ai_job set state = 'running', fence = fence + 1, worker_id = p_worker, attempts = attempts + 1,
          candidate_attempts = candidate_attempts + 1, updated_at = out_started_at
        where id = j.id
        returning * into j;
        insert into ai_attempt (id, job_id, fence, worker_id, provider, model, simulated, price_id, max_cost_nano_usd, started_at, budgets, reserved_tokens)
        values (r.attempt_id, j.id, j.fence, p_worker, j.provider, j.model, j.simulated,
          (v_candidate ->> 'price_id')::uuid, (v_candidate ->> 'max_cost_nano_usd')::bigint, out_started_at, v_budgets, v_tokens);
        out_outcome := 'claimed';
        out_fence := j.fence;
        out_details := jsonb_build_object(
          'kind', j.kind, 'requestType', j.request_type, 'request', j.request, 'candidates', j.candidates, 'candidate', j.candidate,
          'provider', j.provider, 'model', j.model, 'scope', j.scope, 'shared', j.shared, 'simulated', j.simulated,
          'selectionMode', j.selection_mode, 'promptHash', j.prompt_hash, 'attempts', j.attempts, 'candidateAttempts', j.candidate_attempts,
          'crashCount', j.crash_count,
          -- The latest of the living callers; one without a deadline lifts it, and so does a retry, whose callers' time has passed.
          'deadline', (select case when j.deadline is null or bool_or(c.deadline is null) then null else (extract(epoch from max(c.deadline)) * 1000)::bigint end
            from ai_job_caller c where c.job_id = j.id and c.cancelled_at is null));
        return next; continue;
      end if;
    end if;
    -- Finished without a call: tell whoever waits.
    select coalesce(array_agg(distinct c.reply_to), '{}') into v_reply_to from ai_job_caller c where c.job_id = j.id and c.reply_to is not null;
    out_details := jsonb_build_object('replyTo', to_jsonb(v_reply_to));
    return next;
  end loop;
end $$;
