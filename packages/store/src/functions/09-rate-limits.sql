-- Limits of one model over the whole fleet: requests and tokens per minute by a bucket in the ledger, concurrency by the jobs that run,
-- spend per day by what was reserved and what it came to. Only models with limits have a bucket. All of it happens under the lock of
-- the budgets, so that two claims never count on the same room.

-- Takes room for one call. out_wait_s null: there was room, and out_tokens goes into the attempt. Else the job comes back after so long.
-- out_spent: the day's money is used up. Vendors count in windows of a minute that begin when they like, so a bucket gives what is
-- allowed a little more slowly (96 %) with a small store (1.5 %): no minute, wherever it begins, holds more than the limit.
-- Jobs that find no room are given places in a line, one each, but look again every 3 s at the latest, since a line of guesses goes
-- faster than it was laid out when calls use less than was guessed. Those that come back go before new ones.
create or replace function ai_take_rate(
  j ai_job, p_limits jsonb, p_max_cost bigint, p_at timestamptz, out out_wait_s double precision, out out_tokens integer, out out_spent boolean)
language plpgsql as $$
declare
  b ai_rate_bucket;
  c_use constant double precision := 0.96;
  c_store constant double precision := 0.015;
  v_requests_per_s double precision := (p_limits ->> 'requestsPerMinute')::double precision * c_use / 60;
  v_tokens_per_s double precision := (p_limits ->> 'tokensPerMinute')::double precision * c_use / 60;
  v_request_store double precision := greatest(1, (p_limits ->> 'requestsPerMinute')::double precision * c_store);
  v_token_store double precision := (p_limits ->> 'tokensPerMinute')::double precision * c_store;
  v_came_back boolean := j.run_after > j.dispatched_at;
  v_need double precision;
  v_own_wait_s double precision;
begin
  out_spent := false;
  if p_limits ? 'concurrency' and (p_limits ->> 'concurrency')::integer <= (
    select count(*) from ai_job x where x.state = 'running' and x.provider = j.provider and x.model = j.model and x.simulated = j.simulated)
  then
    out_wait_s := 0.25 + random() / 4;
    return;
  end if;

  insert into ai_rate_bucket (provider, model_name, kind, simulated, requests, tokens, refilled_at, line_end, day, reserved_nano_usd)
  values (j.provider, j.model, j.kind, j.simulated, coalesce(v_request_store, 0), coalesce(v_token_store, 0), p_at, p_at, (p_at at time zone 'UTC')::date, 0)
  on conflict do nothing;
  select * into b from ai_rate_bucket x
  where x.provider = j.provider and x.model_name = j.model and x.kind = j.kind and x.simulated = j.simulated for no key update;
  if b.day <> (p_at at time zone 'UTC')::date then b.day := (p_at at time zone 'UTC')::date; b.reserved_nano_usd := 0; end if;
  b.requests := least(v_request_store, b.requests + greatest(0, extract(epoch from p_at - b.refilled_at)) * v_requests_per_s);
  b.tokens := least(v_token_store, b.tokens + greatest(0, extract(epoch from p_at - b.refilled_at)) * v_tokens_per_s);

  out_spent := p_limits ? 'dailySpendNanoUsd'
    and (p_max_cost is null or b.reserved_nano_usd + p_max_cost > (p_limits ->> 'dailySpendNanoUsd')::bigint);
  if out_spent then return; end if;

  -- The prompt at three bytes a token and a middling answer, scaled by what such guesses came to; the end of the call brings the real
  -- count. (Unscaled, a line of jobs that used half of their guess left a third of the limit unused.)
  v_need := ceil(b.scale * (ceil(octet_length(j.request ->> 'prompt') / 3.0)
    + least(coalesce((j.request ->> 'max_output_tokens')::integer, 500), 500)));
  -- Nobody has looked for longer than anybody waits: the line is over.
  if p_at - b.refilled_at > interval '5 seconds' then b.line_end := p_at; end if;
  v_own_wait_s := greatest(0, (1 - b.requests) / v_requests_per_s, (least(v_need, v_token_store) - b.tokens) / v_tokens_per_s);
  if v_own_wait_s > 0 or (not v_came_back and b.line_end > p_at) then
    if v_came_back then
      out_wait_s := v_own_wait_s + random() * least(3, greatest(0.05, extract(epoch from b.line_end - p_at)));
    else
      out_wait_s := greatest(v_own_wait_s, extract(epoch from b.line_end - p_at));
      b.line_end := p_at + make_interval(secs => out_wait_s + greatest(coalesce(1 / v_requests_per_s, 0), coalesce(v_need / v_tokens_per_s, 0)));
      if out_wait_s > 3 then out_wait_s := greatest(v_own_wait_s, 1 + random() * 2); end if;
    end if;
  else
    b.requests := b.requests - 1;
    b.tokens := b.tokens - v_need;
    b.reserved_nano_usd := b.reserved_nano_usd + coalesce(p_max_cost, 0);
    out_tokens := v_need;
  end if;
  update ai_rate_bucket x set requests = coalesce(b.requests, 0), tokens = coalesce(b.tokens, 0), refilled_at = p_at, line_end = b.line_end,
    day = b.day, reserved_nano_usd = b.reserved_nano_usd, updated_at = p_at
  where x.provider = b.provider and x.model_name = b.model_name and x.kind = b.kind and x.simulated = b.simulated;
end $$;

-- The real count of a call whose room was estimated; of a call of unknown outcome the estimate stands.
create or replace function ai_correct_rate(a ai_attempt) returns void
language plpgsql as $$
declare
  v_used integer := (a.usage ->> 'inputTokens')::integer + (a.usage ->> 'outputTokens')::integer + (a.usage ->> 'audioOutputTokens')::integer;
begin
  perform ai_lock_budgets();
  update ai_rate_bucket b set
    -- Batches have limits of their own with the vendors.
    tokens = b.tokens + case when a.batch_id is null then a.reserved_tokens - coalesce(v_used, 0) else 0 end,
    scale = case when v_used > 0 and a.reserved_tokens > 0
      then greatest(0.05, least(20, b.scale * (0.9 + 0.1 * least(10, v_used::double precision / a.reserved_tokens)))) else b.scale end,
    reserved_nano_usd = b.reserved_nano_usd + case when b.day = (a.started_at at time zone 'UTC')::date
      then coalesce(a.cost_nano_usd, a.max_cost_nano_usd, 0) - coalesce(a.max_cost_nano_usd, 0) else 0 end,
    updated_at = clock_timestamp()
  where b.provider = a.provider and b.model_name = a.model and b.simulated = a.simulated;
end $$;

-- May this job be called now, as far as its model's limits go? As ai_gate_provider; out_tokens goes into the attempt.
create or replace function ai_gate_rate(
  j ai_job, p_max_cost bigint, p_at timestamptz, out out_ended text, out out_dispatch jsonb, out out_tokens integer)
language plpgsql as $$
declare
  t record;
  v_limits jsonb;
begin
  select c.limits into v_limits from ai_provider_config c
  where c.provider = j.provider and c.model_name = j.model and c.kind = j.kind
    and c.limits ?| array['requestsPerMinute', 'tokensPerMinute', 'concurrency', 'dailySpendNanoUsd'];
  if not found then return; end if;
  select * into t from ai_take_rate(j, v_limits, p_max_cost, p_at);
  out_tokens := t.out_tokens;
  if t.out_spent then
    if j.candidate + 1 < jsonb_array_length(j.candidates) then
      out_dispatch := ai_queue_again(j.id, j.candidate + 1, 0);
      out_ended := 'queued';
    else
      update ai_job set state = 'failed', finished_at = clock_timestamp(), error_code = 'BUDGET_EXCEEDED',
        error_message = format('the daily spend of %s/%s is used up; nothing was called', j.provider, j.model), updated_at = clock_timestamp()
      where id = j.id;
      perform ai_account_callers(j.id, 200);
      out_ended := 'failed';
    end if;
  elsif t.out_wait_s is not null then
    out_dispatch := ai_queue_again(j.id, j.candidate, t.out_wait_s);
    out_ended := 'queued';
  end if;
end $$;
