-- Writes the usage row of an attempt that answered no caller: a billed failure, a late answer, an unknown outcome, a part of a speech.
-- Its id is the attempt's and its time the attempt's start, so it exists once. The row goes to the caller whose
-- budgets held it, else to the job's first.
create or replace function ai_account_attempt(p_attempt uuid, p_source text) returns void
language sql as $$
  insert into ai_usage_log (
    id, at, row_kind, job_id, attempt_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model,
    input_tokens, cached_tokens, output_tokens, reasoning_tokens, characters, cost_nano_usd, price_id,
    latency_ms, source, selection_mode, success, error_code, error_message)
  select
    a.id, a.started_at, 'attempt', j.id, a.id, a.simulated, j.kind, j.request_type,
    coalesce(c.endpoint, ''), coalesce(c.user_id, ''), coalesce(c.caller, j.caller), a.provider, coalesce(a.billed_model, a.model),
    coalesce((a.usage ->> 'inputTokens')::integer, 0), coalesce((a.usage ->> 'cacheReadTokens')::integer, 0),
    coalesce((a.usage ->> 'outputTokens')::integer, 0) + coalesce((a.usage ->> 'audioOutputTokens')::integer, 0),
    coalesce((a.usage ->> 'reasoningTokens')::integer, 0), coalesce((a.usage ->> 'characters')::integer, 0),
    a.cost_nano_usd, a.price_id,
    greatest(0, extract(epoch from coalesce(a.finished_at, clock_timestamp()) - a.started_at) * 1000)::integer,
    case when p_source = 'provider' and a.batch_id is not null then 'batch' else p_source end, j.selection_mode, (p_source = 'late' or a.part is not null) and a.error_code is null, a.error_code, a.error_message
  from ai_attempt a
  join ai_job j on j.id = a.job_id
  left join lateral (select * from ai_job_caller c where c.job_id = j.id
    order by c.id is not distinct from j.leader_id desc, c.requested_at, c.id limit 1) c on true
  where a.id = p_attempt
  on conflict do nothing
$$;
