-- Answers come back. The job row is changed in a statement of its own, which waits for every caller that is just joining;
-- the callers are read in a later statement, whose snapshot therefore holds them all. An answer whose fence or worker no
-- longer matches is late: it was paid, so it is accounted for, and it is refused.
-- Each answer: { n, job_id, fence, attempt_id, remember, prompt_text, text, latency_ms, usage, cost_nano_usd, price_id,
-- billed_model, provider_request_id, ignored_options, tokens_used, audio: { file, bytes, seconds, format, sha256 },
-- parts: { usage, cost_nano_usd } }. With parts the job's own attempt made no call; they say what the whole is worth.
create or replace function ai_settle(p_answers jsonb, p_worker uuid, p_wait boolean)
returns table (out_n integer, out_outcome text, out_job uuid, out_reply_to text[], out_more boolean)
language plpgsql as $$
declare
  r record;
  j ai_job;
  m ai_memory;
  v_current boolean;
  v_provider text;
  v_ailing text[] := (select array_agg(provider) from ai_provider_health where circuit = 'half_open' or (circuit = 'closed' and failures > 0));
  v_well text[] := '{}';
  v_worth jsonb;
begin
  for r in
    select (x ->> 'n')::integer as n, (x ->> 'job_id')::uuid as job_id, (x ->> 'fence')::bigint as fence,
      (x ->> 'attempt_id')::uuid as attempt_id, (x ->> 'remember')::boolean as remember, x as answer
    from jsonb_array_elements(p_answers) x
    order by x ->> 'job_id'
  loop
    out_n := r.n; out_job := r.job_id; out_outcome := 'again'; out_reply_to := '{}'; out_more := false;
    if not p_wait then
      perform from ai_job where id = r.job_id for no key update skip locked;
      if not found then return next; continue; end if;
    end if;

    -- The collector of objects looks for rows under the same lock.
    if r.answer ? 'audio' then perform pg_advisory_xact_lock_shared(hashtextextended('ai_core.object.' || (r.answer #>> '{audio,sha256}'), 0)); end if;
    v_worth := coalesce(r.answer -> 'parts', r.answer);
    update ai_job set
      state = 'done', attempt_id = r.attempt_id,
      source = case when exists (select from ai_attempt b where b.id = r.attempt_id and b.batch_id is not null) then 'batch' else 'provider' end,
      finished_at = clock_timestamp(), updated_at = clock_timestamp(),
      memory_id = case when r.remember then r.attempt_id end,
      answer = case when r.remember then null else r.answer - '{n,job_id,fence,attempt_id,remember,prompt_text}'::text[] end
    -- Not an equality, so that the planner takes the primary key and not the index of all that the worker runs.
    where id = r.job_id and fence = r.fence and worker_id is not distinct from p_worker and state = 'running'
    returning * into j;

    if not found then
      if ai_settle_attempt(r.attempt_id, case when r.answer ? 'parts' then 'not_billed' else 'late' end, r.answer) and not r.answer ? 'parts' then
        perform ai_account_attempt(r.attempt_id, 'late');
      end if;
      out_outcome := 'late';
      return next; continue;
    end if;

    perform ai_settle_attempt(r.attempt_id, case when r.answer ? 'parts' then 'not_billed' else 'billed' end, r.answer);

    if r.remember then
      -- What is current gives way to a refresh or when it has expired; a verified answer only gives way to an admin.
      v_current := true;
      select * into m from ai_memory
      where prompt_hash = j.prompt_hash and scope = j.scope and simulated = j.simulated and is_current
      for no key update;
      if found then
        if (j.cache_mode = 'refresh' and m.verdict <> 'verified') or m.expires_at <= clock_timestamp() then
          update ai_memory set is_current = false, superseded_by = r.attempt_id, updated_at = clock_timestamp() where id = m.id;
        else
          v_current := false;
        end if;
      end if;
      insert into ai_memory (
        id, request_type, prompt_hash, scope, simulated, kind, is_current, job_id, prompt_text, prompt_options, generated_text,
        generated_audio_file, audio_bytes, audio_seconds, audio_format, audio_sha256, audio_seen_at,
        provider, model, tokens_used, input_tokens, cached_tokens, output_tokens, reasoning_tokens, characters,
        cost_nano_usd, realtime_nano_usd, counterfactual_nano_usd, latency_ms, ignored_options, expires_at, serve_until)
      values (
        r.attempt_id, j.request_type, j.prompt_hash, j.scope, j.simulated, j.kind, v_current, j.id,
        r.answer ->> 'prompt_text', coalesce(j.request -> 'options', '{}'::jsonb), r.answer ->> 'text',
        r.answer #>> '{audio,file}', (r.answer #>> '{audio,bytes}')::bigint, (r.answer #>> '{audio,seconds}')::double precision,
        r.answer #>> '{audio,format}', r.answer #>> '{audio,sha256}', case when r.answer ? 'audio' then clock_timestamp() end,
        j.provider, coalesce(r.answer ->> 'billed_model', j.model), coalesce((r.answer ->> 'tokens_used')::integer, 0),
        coalesce((v_worth #>> '{usage,inputTokens}')::integer, 0), coalesce((v_worth #>> '{usage,cacheReadTokens}')::integer, 0),
        coalesce((v_worth #>> '{usage,outputTokens}')::integer, 0) + coalesce((v_worth #>> '{usage,audioOutputTokens}')::integer, 0),
        coalesce((v_worth #>> '{usage,reasoningTokens}')::integer, 0), coalesce((v_worth #>> '{usage,characters}')::integer, 0),
        (v_worth ->> 'cost_nano_usd')::bigint, (v_worth ->> 'realtime_nano_usd')::bigint, (v_worth ->> 'counterfactual_nano_usd')::bigint,
        coalesce((r.answer ->> 'latency_ms')::integer, 0),
        coalesce((select array_agg(o) from jsonb_array_elements_text(r.answer -> 'ignored_options') o), '{}'),
        clock_timestamp() + make_interval(days => j.expires_after_days),
        clock_timestamp() + make_interval(days => j.expires_after_days, secs => (select p.stale_for_s from ai_request_type_policy p where p.request_type = j.request_type)))
      on conflict do nothing;
    end if;

    out_more := ai_account_callers(j.id, 200, j.attempts > 1) >= 200;
    -- A job that was retried after it had failed: its callers' rows exist already, the money still needs one.
    -- Asked in a statement of its own: even unanswered, the question opens every month of the log.
    if j.attempts > 1 and not r.answer ? 'parts' then
      perform from ai_job_caller c join ai_usage_log u on u.id = c.id and u.at = c.requested_at
      where c.job_id = j.id and u.attempt_id = r.attempt_id;
      if not found then perform ai_account_attempt(r.attempt_id, 'late'); end if;
    end if;
    select coalesce(array_agg(distinct c.reply_to), '{}') into out_reply_to from ai_job_caller c where c.job_id = j.id and c.reply_to is not null;
    out_outcome := 'done';
    if j.provider = any (v_ailing) and not j.provider = any (v_well) then v_well := v_well || j.provider; end if;
    return next;
  end loop;
  for v_provider in select unnest(v_well) order by 1 loop perform ai_note_health(v_provider, 'well', null); end loop;
end $$;
