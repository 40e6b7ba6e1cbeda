-- One attempt failed. Depending on the decision the job is queued again (later, or elsewhere with the next candidate, or handed
-- back unharmed by a worker that stops) or it has failed for good and its callers are told.
-- p_failure: { job_id, fence, attempt_id, action: later|elsewhere|hand_back|never, delay_ms, charged: no|yes|unknown, answers_for_s,
-- error_code, error_message, health: well|unwell|broken|null, usage, cost_nano_usd, price_id, billed_model, provider_request_id }.
-- out_opened: this failure opened the provider's circuit.
create or replace function ai_fail(p_failure jsonb, p_worker uuid)
returns table (out_outcome text, out_dispatch jsonb, out_reply_to text[], out_more boolean, out_opened boolean)
language plpgsql as $$
declare
  j ai_job;
  v_attempt uuid := (p_failure ->> 'attempt_id')::uuid;
  v_action text := p_failure ->> 'action';
  v_attempt_state text := case p_failure ->> 'charged' when 'yes' then 'billed' when 'no' then 'not_billed' else 'unknown' end;
  v_next integer;
  v_provider text;
begin
  out_dispatch := null; out_reply_to := '{}'; out_more := false; out_opened := false;
  select * into j from ai_job
  where id = (p_failure ->> 'job_id')::uuid and fence = (p_failure ->> 'fence')::bigint and worker_id is not distinct from p_worker and state = 'running'
  for no key update;
  if not found then
    -- Unknown too: the job may have been cancelled under the call, and then no sweep looks at its attempts.
    if ai_settle_attempt(v_attempt, case v_attempt_state when 'billed' then 'late' else v_attempt_state end, p_failure)
      and v_attempt_state = 'billed' then
      perform ai_account_attempt(v_attempt, 'late');
    end if;
    out_outcome := 'late';
    return next; return;
  end if;

  v_provider := j.provider;
  if ai_settle_attempt(v_attempt, v_attempt_state, p_failure) and v_attempt_state = 'billed' then
    perform ai_account_attempt(v_attempt, 'provider');
  end if;

  if v_action = 'never' then
    update ai_job set state = 'failed', worker_id = null, finished_at = clock_timestamp(), updated_at = clock_timestamp(),
      error_code = p_failure ->> 'error_code', error_message = p_failure ->> 'error_message',
      answers_until = case when j.shared then clock_timestamp() + make_interval(secs => (p_failure ->> 'answers_for_s')::double precision) end
    where id = j.id;
    out_more := ai_account_callers(j.id, 200) >= 200;
    select coalesce(array_agg(distinct c.reply_to), '{}') into out_reply_to from ai_job_caller c where c.job_id = j.id and c.reply_to is not null;
    out_outcome := 'failed';
  else
    v_next := j.candidate + case v_action when 'elsewhere' then 1 else 0 end;
    update ai_job set
      state = 'queued', worker_id = null, candidate = v_next,
      provider = coalesce(j.candidates -> v_next ->> 'provider', j.provider),
      model = coalesce(j.candidates -> v_next ->> 'model', j.model),
      queue = coalesce(j.candidates -> v_next ->> 'queue', j.queue),
      attempts = j.attempts - case v_action when 'hand_back' then 1 else 0 end,
      candidate_attempts = case v_action when 'elsewhere' then 0 when 'hand_back' then greatest(0, j.candidate_attempts - 1) else j.candidate_attempts end,
      error_code = p_failure ->> 'error_code', error_message = p_failure ->> 'error_message',
      generation = nextval('ai_generation_seq'), dispatched_at = clock_timestamp(),
      run_after = clock_timestamp() + make_interval(secs => coalesce((p_failure ->> 'delay_ms')::double precision, 0) / 1000),
      updated_at = clock_timestamp()
    where id = j.id
    returning * into j;
    out_dispatch := ai_dispatch(j);
    out_outcome := 'queued';
  end if;
  -- Last, so that the lock on the provider's row is held for the shortest time.
  if p_failure ->> 'health' is not null then
    out_opened := ai_note_health(v_provider, p_failure ->> 'health', p_failure ->> 'error_code');
  end if;
  return next;
end $$;
