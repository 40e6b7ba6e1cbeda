-- What the payer of a speech in parts has saved: what the whole is worth without the parts that were bought for it.
create or replace function ai_saved_by_parts(a ai_attempt, p_worth bigint, p_paid bigint) returns bigint
language sql immutable as $$
  select case when a.state = 'not_billed' then greatest(0, coalesce(p_worth, 0) - coalesce(p_paid, 0)) else 0 end
$$;

-- Two parts of what an answer saved, whoever gets it: by the batch, and by its model being cheaper than the one that would else have answered.
-- Nothing where the cost is not known.
create or replace function ai_split_saving(p_cost bigint, p_realtime bigint, p_counterfactual bigint, p_provider text)
returns table (batch bigint, model bigint, own boolean)
language sql immutable as $$
  select case when p_cost is null then 0 else coalesce(p_realtime, p_cost) - p_cost end,
    case when p_cost is null then 0 else coalesce(p_counterfactual, p_realtime, p_cost) - coalesce(p_realtime, p_cost) end,
    p_provider = 'local_small_model'
$$;

-- Writes the request rows that callers of a finished job still lack, at most p_limit, the payer first.
-- The payer is the caller whose budgets held it, else the first living one: its row carries the cost of the attempt that answered. A row's id and time are
-- those of the caller's row, so writing twice changes nothing. p_only_missing = false leaves the look for rows that exist to the
-- unique key: cheaper where none can exist yet. Returns how many rows were written.
create or replace function ai_account_callers(p_job uuid, p_limit integer, p_only_missing boolean default true) returns integer
language plpgsql as $$
declare
  j ai_job;
  a ai_attempt;
  v_memory_cost bigint;
  -- What the batch, and the choice of a cheaper model or of one of our own, made the answer cheaper for everybody who gets it.
  v_batch bigint := 0;
  v_model bigint := 0;
  v_own boolean := false;
  v_payer uuid;
  v_worth bigint;
  v_paid bigint;
  v_missing uuid[];
  v_rows integer;
begin
  select * into j from ai_job where id = p_job and finished_at is not null;
  if not found then return 0; end if;
  if j.state = 'done' and j.source = 'memory' then
    select m.cost_nano_usd, s.batch, s.model, s.own into v_memory_cost, v_batch, v_model, v_own
    from ai_memory m, ai_split_saving(m.cost_nano_usd, m.realtime_nano_usd, m.counterfactual_nano_usd, m.provider) s where m.id = j.memory_id;
  elsif j.state = 'done' then
    select * into a from ai_attempt where id = j.attempt_id;
    select s.batch, s.model, s.own into v_batch, v_model, v_own
    from ai_split_saving(a.cost_nano_usd, a.realtime_nano_usd, a.counterfactual_nano_usd, a.provider) s;
    -- A speech in parts: the parts' attempts have rows of their own, the request's row costs nothing and saves what was remembered.
    if j.kind = 'audio' then
      select coalesce((select m.cost_nano_usd from ai_memory m where m.id = j.memory_id), (j.answer #>> '{parts,cost_nano_usd}')::bigint) into v_worth;
      select sum(p.cost_nano_usd) into v_paid from ai_attempt p where p.job_id = p_job and p.part is not null and p.state in ('billed', 'late');
    end if;
    select id into v_payer from ai_job_caller where job_id = p_job and cancelled_at is null
    order by id is not distinct from j.leader_id desc, requested_at, id limit 1;
  end if;

  -- Asked beforehand and only where it must be: even unanswered, the question opens every month of the log.
  if p_only_missing then
    v_missing := array(
      select c.id from ai_job_caller c
      where c.job_id = p_job and not exists (select from ai_usage_log u where u.id = c.id and u.at = c.requested_at)
      order by c.id is distinct from v_payer, c.requested_at, c.id limit p_limit);
  end if;

  -- What was forgotten meanwhile has no figures any more.
  v_batch := coalesce(v_batch, 0); v_model := coalesce(v_model, 0); v_own := coalesce(v_own, false);

  insert into ai_usage_log (
    id, at, row_kind, job_id, attempt_id, memory_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model,
    input_tokens, cached_tokens, output_tokens, reasoning_tokens, characters, cost_nano_usd, price_id, saved_nano_usd, saved_source,
    saved_batch_nano_usd, saved_cheaper_nano_usd, saved_own_nano_usd, latency_ms, cache_hit, source, selection_mode, success, error_code, error_message)
  select
    c.id, c.requested_at, 'request', j.id, case when pays and a.state <> 'not_billed' then a.id end, j.memory_id, j.simulated, j.kind, j.request_type,
    c.endpoint, c.user_id, c.caller,
    case when pays then a.provider else j.provider end,
    case when pays then coalesce(a.billed_model, a.model) else j.model end,
    case when pays then coalesce((a.usage ->> 'inputTokens')::integer, 0) else 0 end,
    case when pays then coalesce((a.usage ->> 'cacheReadTokens')::integer, 0) else 0 end,
    case when pays then coalesce((a.usage ->> 'outputTokens')::integer, 0) + coalesce((a.usage ->> 'audioOutputTokens')::integer, 0) else 0 end,
    case when pays then coalesce((a.usage ->> 'reasoningTokens')::integer, 0) else 0 end,
    case when pays then coalesce((a.usage ->> 'characters')::integer, 0) else 0 end,
    case when pays then a.cost_nano_usd else 0 end,
    case when pays then a.price_id end,
    case when j.state <> 'done' then 0 else v_batch + v_model + case when pays then ai_saved_by_parts(a, v_worth, v_paid)
      when j.source = 'memory' then coalesce(v_memory_cost, 0) else coalesce(v_worth, a.cost_nano_usd, 0) end end,
    case when j.state <> 'done' then null when pays then case when ai_saved_by_parts(a, v_worth, v_paid) > 0 then 'memory' end
      when j.source = 'memory' then 'memory' else 'in_flight' end,
    case when j.state = 'done' then v_batch else 0 end, case when j.state = 'done' and not v_own then v_model else 0 end,
    case when j.state = 'done' and v_own then v_model else 0 end,
    greatest(0, extract(epoch from j.finished_at - c.requested_at) * 1000)::integer,
    j.state = 'done' and j.source = 'memory',
    case when j.state = 'done' and pays and a.batch_id is not null then 'batch' when j.state <> 'done' or pays then 'provider' when j.source = 'memory' then 'memory' else 'in_flight' end,
    j.selection_mode, j.state = 'done', j.error_code, j.error_message
  from (
    select c.*, c.id is not distinct from v_payer as pays
    from ai_job_caller c
    where c.job_id = p_job
      -- Who cancelled has a row since then; counted here, it would hide that there are more callers than p_limit.
      and case when p_only_missing then c.id = any (v_missing) else c.cancelled_at is null end
    order by c.id is distinct from v_payer, c.requested_at, c.id
    limit p_limit
  ) c
  on conflict do nothing;
  get diagnostics v_rows = row_count;
  return v_rows;
end $$;
