-- Admission of one or more requests (protocol: remembered, failed a moment ago, in flight, or new work).
-- Rows are taken in the order of their keys, so that two batches never wait for each other's inserts in a circle.
-- p_wait = false: a job row that is locked is left alone and the request comes back as 'again'; the caller repeats
-- it alone with p_wait = true. out_promote: of a joined job, that this caller is in more of a hurry; of a created one, that its caller
-- has so much in the queue already that it stands behind the work of others. A join takes FOR SHARE: with a weaker lock a settle could miss the joined caller.
create or replace function ai_admit(p_requests jsonb, p_wait boolean)
returns table (
  out_n integer, out_outcome text, out_job uuid, out_generation bigint, out_dispatched boolean, out_memory uuid, out_at timestamptz,
  out_error_code text, out_error_message text, out_promote boolean)
language plpgsql as $$
declare
  r record;
  f record;
  v_open uuid;
  v_window_key text;
  v_in_window integer := 0;
  v_batched boolean;
  v_has_budgets boolean := exists (select from ai_budget);
  -- So many of its jobs wait in front of everybody; with the whole window there, others waited for two hundred jobs.
  v_crowd constant integer := 20;
  v_crowded boolean;
begin
  for r in
    select *
    from jsonb_to_recordset(p_requests) as x (
      n integer, request_id uuid, job_id uuid, prompt_hash text, scope text, simulated boolean, shared boolean, kind text,
      request_type text, request jsonb, candidates jsonb, provider text, model text, queue text, selection_mode text,
      cache_mode text, max_age_s double precision, lane text, priority integer, deadline_ms double precision,
      expires_after_days integer, user_id text, caller text, endpoint text, reply_to text, sealed_values text,
      dispatch_window integer, user_category text)
    order by prompt_hash, scope, n
  loop
    out_n := r.n;
    out_outcome := 'again';
    out_job := null; out_generation := null; out_dispatched := false; out_memory := null;
    out_error_code := null; out_error_message := null; out_promote := false;

    for v_try in 1 .. case when p_wait then 5 else 1 end loop
      out_at := clock_timestamp();

      if r.shared and r.cache_mode = 'use' then
        select m.id into out_memory from ai_memory m
        where m.prompt_hash = r.prompt_hash and m.scope = r.scope and m.simulated = r.simulated and m.is_current
          and (m.expires_at is null or m.expires_at > out_at)
          and (r.max_age_s is null or m.created_at > out_at - make_interval(secs => r.max_age_s));
        if found then out_outcome := 'hit'; exit; end if;

        select j.id, j.error_code, j.error_message into f from ai_job j
        where j.prompt_hash = r.prompt_hash and j.scope = r.scope and j.simulated = r.simulated
          and j.answers_until is not null and j.answers_until > out_at
        limit 1;
        if found then
          insert into ai_usage_log (
            id, at, row_kind, job_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model, cost_nano_usd,
            cache_hit, source, selection_mode, success, error_code, error_message)
          select
            r.request_id, out_at, 'request', f.id, r.simulated, r.kind, r.request_type, r.endpoint, r.user_id, r.caller,
            r.provider, r.model, 0, false, 'memory', r.selection_mode, false, f.error_code, f.error_message
          -- A repeated admission: the row of the first one has another time, so that no key holds the second back.
          where not exists (select from ai_usage_log u where u.id = r.request_id);
          out_outcome := 'failed'; out_job := f.id; out_error_code := f.error_code; out_error_message := f.error_message;
          exit;
        end if;
      end if;

      if r.shared then
        if p_wait then
          select j.id, j.generation, ai_is_hurried(j, r.lane, r.priority, out_at, r.deadline_ms)
            into out_job, out_generation, out_promote from ai_job j
          where j.prompt_hash = r.prompt_hash and j.scope = r.scope and j.simulated = r.simulated and j.shared and j.finished_at is null
          for share;
        else
          select j.id, j.generation, ai_is_hurried(j, r.lane, r.priority, out_at, r.deadline_ms)
            into out_job, out_generation, out_promote from ai_job j
          where j.prompt_hash = r.prompt_hash and j.scope = r.scope and j.simulated = r.simulated and j.shared and j.finished_at is null
          for share skip locked;
        end if;
        if found then
          insert into ai_job_caller (id, job_id, user_id, caller, endpoint, reply_to, requested_at, deadline, priority, lane, sealed_values, user_category)
          values (
            r.request_id, out_job, r.user_id, r.caller, r.endpoint, r.reply_to, out_at,
            out_at + make_interval(secs => r.deadline_ms / 1000), r.priority, r.lane, decode(r.sealed_values, 'base64'), coalesce(r.user_category, ''))
          on conflict do nothing;
          out_outcome := 'joined';
          exit;
        end if;
        if not p_wait then
          perform from ai_job j
          where j.prompt_hash = r.prompt_hash and j.scope = r.scope and j.simulated = r.simulated and j.shared and j.finished_at is null;
          if found then exit; end if;
        end if;

        -- The look above may have waited for a settle: what it wrote is visible now.
        if r.cache_mode = 'use' then
          select m.id into out_memory from ai_memory m
          where m.prompt_hash = r.prompt_hash and m.scope = r.scope and m.simulated = r.simulated and m.is_current
            and (m.expires_at is null or m.expires_at > out_at)
            and (r.max_age_s is null or m.created_at > out_at - make_interval(secs => r.max_age_s));
          if found then out_outcome := 'hit'; exit; end if;
        end if;
      end if;

      if v_has_budgets then
        out_error_message := ai_refuse_spent(r.simulated, r.caller, coalesce(r.user_id, ''), coalesce(r.user_category, ''));
        if out_error_message is not null then
          out_error_code := 'BUDGET_EXCEEDED';
          insert into ai_usage_log (
            id, at, row_kind, simulated, kind, request_type, endpoint, user_id, caller, provider, model, cost_nano_usd, cache_hit, source,
            selection_mode, success, error_code, error_message)
          select
            r.request_id, out_at, 'request', r.simulated, r.kind, r.request_type, r.endpoint, r.user_id, r.caller, r.provider, r.model, 0,
            false, 'provider', r.selection_mode, false, out_error_code, out_error_message
          where not exists (select from ai_usage_log u where u.id = r.request_id);
          out_outcome := 'refused';
          exit;
        end if;
      end if;

      if v_window_key is distinct from concat_ws(' ', r.lane, r.queue, r.caller) then
        v_window_key := concat_ws(' ', r.lane, r.queue, r.caller);
        select count(*) into v_in_window from (
          select from ai_job j
          where j.queue = r.queue and j.caller = r.caller and j.lane = r.lane and j.state = 'queued' and j.dispatched_at is not null
          limit r.dispatch_window) w;
      end if;

      v_batched := r.lane = 'batch' and r.candidates -> 0 ? 'batch'
        and ai_batch_until(out_at, out_at + make_interval(secs => r.deadline_ms / 1000)) > out_at;
      insert into ai_job (
        id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue, selection_mode,
        cache_mode, caller, generation, lane, priority, deadline, state, run_after, dispatched_at, crowded, expires_after_days)
      values (
        r.job_id, r.prompt_hash, r.scope, r.simulated, r.shared, r.kind, r.request_type, r.request, r.candidates, r.provider, r.model,
        -- With an age that what is remembered does not meet it is a refresh: the claim must not find the old answer again.
        r.queue, r.selection_mode, case when r.cache_mode = 'use' and r.max_age_s is not null then 'refresh' else r.cache_mode end, r.caller, nextval('ai_generation_seq'), r.lane, r.priority,
        out_at + make_interval(secs => r.deadline_ms / 1000), case when v_batched then 'batched' else 'queued' end,
        case when v_batched then ai_batch_until(out_at, out_at + make_interval(secs => r.deadline_ms / 1000)) else out_at end,
        case when not v_batched and v_in_window < r.dispatch_window then out_at end, not v_batched and v_in_window >= v_crowd, r.expires_after_days)
      on conflict (prompt_hash, scope, simulated) where finished_at is null and shared do nothing
      returning id, generation, dispatched_at is not null, crowded into v_open, out_generation, out_dispatched, v_crowded;
      if found then
        out_promote := v_crowded;
        insert into ai_job_caller (id, job_id, user_id, caller, endpoint, reply_to, requested_at, deadline, priority, lane, sealed_values, user_category)
        values (
          r.request_id, v_open, r.user_id, r.caller, r.endpoint, r.reply_to, out_at,
          out_at + make_interval(secs => r.deadline_ms / 1000), r.priority, r.lane, decode(r.sealed_values, 'base64'), coalesce(r.user_category, ''));
        if not v_batched then v_in_window := v_in_window + 1; end if;
        out_job := v_open;
        out_outcome := 'created';
        exit;
      end if;
    end loop;
    return next;
  end loop;
end $$;
