-- A long speech is bought in parts. Each part has an attempt and a usage row of its own under the job that needs it, and a memory row
-- under the hash of the part.

-- Writes the attempt of one part before its call. Null: the job is no longer in this worker's hands, and nothing may be bought for it.
create or replace function ai_begin_part(p_part jsonb, p_worker uuid) returns timestamptz
language plpgsql as $$
declare
  j ai_job;
  v_at timestamptz := clock_timestamp();
begin
  select * into j from ai_job
  where id = (p_part ->> 'job_id')::uuid and fence = (p_part ->> 'fence')::bigint and worker_id = p_worker and state = 'running'
  for share;
  if not found then return null; end if;
  insert into ai_attempt (id, job_id, fence, worker_id, provider, model, simulated, price_id, max_cost_nano_usd, started_at, part, budgets)
  values ((p_part ->> 'attempt_id')::uuid, j.id, j.fence, p_worker, j.provider, j.model, j.simulated, (p_part ->> 'price_id')::uuid,
    (p_part ->> 'max_cost_nano_usd')::bigint, v_at, (p_part ->> 'part')::integer,
    (select w.budgets from ai_attempt w where w.job_id = j.id and w.fence = j.fence and w.part is null));
  return v_at;
end $$;

-- Calls of a provider that are under way over the whole fleet, or of one model of it: parts, and jobs that are not made of parts. The
-- attempt of a speech in parts is the frame of their calls and none of its own.
create or replace function ai_count_calls(j ai_job, p_model text) returns bigint
language sql stable as $$
  select count(*) from ai_attempt a
  where a.state = 'reserved' and a.provider = j.provider and a.simulated = j.simulated and a.batch_id is null
    and (p_model is null or a.model = p_model)
    and (a.part is not null or not exists (select from ai_attempt p where p.job_id = a.job_id and p.fence = a.fence and p.part is not null))
$$;

-- Begins one part as soon as the limits of provider and model leave room for its call. out_wait_s: they do not, come back after so
-- long. Neither: the job is no longer in this worker's hands. The job's claim has taken the room of the first part.
create or replace function ai_take_part(p_part jsonb, p_worker uuid, out out_at timestamptz, out out_wait_s double precision)
language plpgsql as $$
declare
  j ai_job;
  h ai_provider_health;
  v_limits jsonb;
  v_first boolean;
begin
  if exists (select from ai_provider_config where limits ? 'requestsPerMinute') then perform ai_lock_budgets(); end if;
  select * into j from ai_job
  where id = (p_part ->> 'job_id')::uuid and fence = (p_part ->> 'fence')::bigint and worker_id = p_worker and state = 'running'
  for share;
  if not found then return; end if;
  v_first := not exists (select from ai_attempt a where a.job_id = j.id and a.fence = j.fence and a.part is not null);

  if not v_first then
    select * into h from ai_provider_health where provider = j.provider and most_at_once is not null for no key update;
    select c.limits into v_limits from ai_provider_config c where c.provider = j.provider and c.model_name = j.model and c.kind = j.kind;
    if h.most_at_once <= ai_count_calls(j, null) or (v_limits ->> 'concurrency')::integer <= ai_count_calls(j, j.model) then
      out_wait_s := 0.25 + random() / 4;
      return;
    end if;
    if v_limits ? 'requestsPerMinute' then
      -- As what comes back: its job has waited in the line already.
      j.dispatched_at := '-infinity';
      select t.out_wait_s into out_wait_s
      from ai_take_rate(j, jsonb_build_object('requestsPerMinute', v_limits -> 'requestsPerMinute', 'tokensPerMinute', v_limits -> 'tokensPerMinute'), 0, clock_timestamp()) t;
      if out_wait_s is not null then return; end if;
    end if;
  end if;
  out_at := ai_begin_part(p_part, p_worker);
end $$;

-- A part was paid: accounts for it and remembers it, also when its job has been taken over meanwhile, since what is bought once need not
-- be bought again. Repeating it changes nothing.
create or replace function ai_settle_part(p_part jsonb) returns void
language plpgsql as $$
declare
  a ai_attempt;
  j ai_job;
  v_usage jsonb := p_part -> 'usage';
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('ai_core.object.' || (p_part #>> '{audio,sha256}'), 0));
  perform ai_settle_attempt((p_part ->> 'attempt_id')::uuid, 'billed', p_part);
  perform ai_account_attempt((p_part ->> 'attempt_id')::uuid, 'provider');
  if not (p_part ->> 'remember')::boolean then return; end if;

  select * into strict a from ai_attempt where id = (p_part ->> 'attempt_id')::uuid;
  select * into j from ai_job where id = a.job_id;
  if not found then return; end if;
  if j.cache_mode = 'refresh' then
    update ai_memory m set is_current = false, superseded_by = a.id, updated_at = clock_timestamp()
    where m.prompt_hash = p_part ->> 'prompt_hash' and m.scope = j.scope and m.simulated = j.simulated and m.is_current
      and m.verdict <> 'verified' and m.job_id is distinct from j.id;
  end if;
  insert into ai_memory (
    id, request_type, prompt_hash, scope, simulated, kind, job_id, prompt_text, prompt_options,
    generated_audio_file, audio_bytes, audio_seconds, audio_format, audio_sha256, audio_seen_at,
    provider, model, tokens_used, input_tokens, cached_tokens, output_tokens, reasoning_tokens, characters, cost_nano_usd, latency_ms,
    ignored_options, expires_at)
  values (
    a.id, j.request_type, p_part ->> 'prompt_hash', j.scope, j.simulated, j.kind, j.id, p_part ->> 'prompt_text', p_part -> 'options',
    p_part #>> '{audio,file}', (p_part #>> '{audio,bytes}')::bigint, (p_part #>> '{audio,seconds}')::double precision,
    p_part #>> '{audio,format}', p_part #>> '{audio,sha256}', clock_timestamp(),
    a.provider, coalesce(a.billed_model, a.model), coalesce((p_part ->> 'tokens_used')::integer, 0),
    coalesce((v_usage ->> 'inputTokens')::integer, 0), coalesce((v_usage ->> 'cacheReadTokens')::integer, 0),
    coalesce((v_usage ->> 'outputTokens')::integer, 0) + coalesce((v_usage ->> 'audioOutputTokens')::integer, 0),
    coalesce((v_usage ->> 'reasoningTokens')::integer, 0), coalesce((v_usage ->> 'characters')::integer, 0),
    a.cost_nano_usd, coalesce((p_part ->> 'latency_ms')::integer, 0),
    coalesce((select array_agg(o) from jsonb_array_elements_text(p_part -> 'ignored_options') o), '{}'),
    clock_timestamp() + make_interval(days => j.expires_after_days))
  on conflict do nothing;
end $$;

-- The call of a part failed; what becomes of the job is ai_fail's to say.
create or replace function ai_fail_part(p_part jsonb) returns void
language plpgsql as $$
declare
  v_attempt uuid := (p_part ->> 'attempt_id')::uuid;
  v_state text := case p_part ->> 'charged' when 'yes' then 'billed' when 'no' then 'not_billed' else 'unknown' end;
begin
  if ai_settle_attempt(v_attempt, v_state, p_part) and v_state = 'billed' then
    perform ai_account_attempt(v_attempt, 'provider');
  end if;
end $$;
