-- Memory hits, counted in batches: one request row each at no cost, and the use of the memory rows, in id order.
create or replace function ai_log_hits(
  p_id uuid[], p_at timestamptz[], p_memory uuid[], p_endpoint text[], p_user text[], p_caller text[], p_mode text[], p_latency integer[])
returns bigint
language sql as $$
  with hit as (
    select x.*, m.request_type, m.kind, m.simulated, m.provider, m.model, m.cost_nano_usd, s.batch, s.model as cheaper, s.own
    from unnest(p_id, p_at, p_memory, p_endpoint, p_user, p_caller, p_mode, p_latency)
      as x (id, at, memory, endpoint, user_id, caller, mode, latency)
    join ai_memory m on m.id = x.memory
    cross join lateral ai_split_saving(m.cost_nano_usd, m.realtime_nano_usd, m.counterfactual_nano_usd, m.provider) s),
  logged as (
    insert into ai_usage_log (
      id, at, row_kind, memory_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model, cost_nano_usd,
      saved_nano_usd, saved_source, saved_batch_nano_usd, saved_cheaper_nano_usd, saved_own_nano_usd, latency_ms, cache_hit, source, selection_mode, success)
    select id, at, 'request', memory, simulated, kind, request_type, endpoint, user_id, caller, provider, model, 0,
      coalesce(cost_nano_usd, 0) + batch + cheaper, 'memory', batch, case when own then 0 else cheaper end, case when own then cheaper else 0 end, latency, true, 'memory', mode, true
    from hit
    on conflict do nothing
    returning memory_id, at),
  used as (
    select m.id, l.uses, l.last_at
    from (select memory_id, count(*) as uses, max(at) as last_at from logged group by memory_id) l
    join ai_memory m on m.id = l.memory_id
    order by m.id
    for no key update of m),
  counted as (
    update ai_memory m set usage_count = m.usage_count + used.uses, last_used_at = greatest(m.last_used_at, used.last_at)
    from used where m.id = used.id)
  select count(*) from logged
$$;

-- Makes the partitions of this month, the one before and p_ahead months to come. There is no default partition on purpose:
-- one that holds rows blocks making the right one.
create or replace function ai_make_partitions(p_ahead integer) returns setof text
language plpgsql as $$
declare
  v_month date;
  v_name text;
begin
  for v_month in
    select generate_series(date_trunc('month', now() at time zone 'UTC') - interval '1 month',
      date_trunc('month', now() at time zone 'UTC') + make_interval(months => p_ahead), interval '1 month')::date
  loop
    v_name := 'ai_usage_log_' || to_char(v_month, 'YYYYMM');
    if to_regclass(v_name) is null then
      execute format('create table %I partition of ai_usage_log for values from (%L) to (%L)', v_name,
        v_month::text || ' 00:00:00+00', (v_month + interval '1 month')::date::text || ' 00:00:00+00');
      return next v_name;
    end if;
  end loop;
end $$;
