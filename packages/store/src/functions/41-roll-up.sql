-- Daily sums of one day, straight from the usage log. Requests, hits and latency count request rows; money and tokens sum all rows.
create or replace function ai_sum_day(p_day date) returns setof ai_daily_cost
language sql stable as $$
  select p_day, u.provider, u.model, u.kind, u.request_type, u.endpoint, u.selection_mode, u.simulated,
    count(*) filter (where r), count(*) filter (where r and u.success), count(*) filter (where r and not u.success),
    count(*) filter (where r and u.cache_hit), count(*) filter (where r and u.source = 'in_flight'),
    count(*) filter (where u.attempt_id is not null and u.row_kind <> 'correction'),
    count(*) filter (where u.unpriced),
    sum(u.input_tokens), sum(u.cached_tokens), sum(u.output_tokens), sum(u.characters),
    coalesce(sum(u.cost_nano_usd), 0)::bigint, sum(u.saved_nano_usd)::bigint,
    coalesce(sum(u.latency_ms) filter (where r), 0),
    array[
      count(*) filter (where r and b = 0), count(*) filter (where r and b = 1), count(*) filter (where r and b = 2),
      count(*) filter (where r and b = 3), count(*) filter (where r and b = 4), count(*) filter (where r and b = 5),
      count(*) filter (where r and b = 6), count(*) filter (where r and b = 7), count(*) filter (where r and b = 8),
      count(*) filter (where r and b = 9), count(*) filter (where r and b = 10), count(*) filter (where r and b = 11),
      count(*) filter (where r and b = 12), count(*) filter (where r and b = 13), count(*) filter (where r and b = 14),
      count(*) filter (where r and b = 15), count(*) filter (where r and b = 16)],
    now(),
    coalesce(sum(shared) filter (where u.saved_source = 'memory'), 0)::bigint, coalesce(sum(shared) filter (where u.saved_source = 'in_flight'), 0)::bigint,
    sum(u.saved_batch_nano_usd)::bigint, sum(u.saved_cheaper_nano_usd)::bigint, sum(u.saved_own_nano_usd)::bigint
  from (
    select l.*, l.saved_nano_usd - l.saved_batch_nano_usd - l.saved_cheaper_nano_usd - l.saved_own_nano_usd as shared, l.row_kind = 'request' as r,
      -- What a correction has priced since then is not unpriced any more.
      l.cost_nano_usd is null and l.id not in (
        select c.corrects_id from ai_usage_log c
        where c.at >= p_day::timestamp at time zone 'UTC' and c.at < (p_day + 1)::timestamp at time zone 'UTC'
          and c.row_kind = 'correction' and c.corrects_id is not null and c.cost_nano_usd is not null) as unpriced,
      width_bucket(l.latency_ms, array[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000]) as b
    from ai_usage_log l
    where l.at >= p_day::timestamp at time zone 'UTC' and l.at < (p_day + 1)::timestamp at time zone 'UTC') u
  group by u.provider, u.model, u.kind, u.request_type, u.endpoint, u.selection_mode, u.simulated
$$;

create or replace function ai_sum_user_day(p_day date) returns setof ai_daily_user_cost
language sql stable as $$
  select p_day, u.user_id, u.caller, u.provider, u.simulated,
    count(*) filter (where u.row_kind = 'request'), count(*) filter (where u.row_kind = 'request' and u.cache_hit),
    coalesce(sum(u.cost_nano_usd), 0)::bigint, sum(u.saved_nano_usd)::bigint, now()
  from ai_usage_log u
  where u.at >= p_day::timestamp at time zone 'UTC' and u.at < (p_day + 1)::timestamp at time zone 'UTC'
  group by u.user_id, u.caller, u.provider, u.simulated
$$;

-- Recomputes whole every day touched since the last roll-up. To be run by one session at a time, in one REPEATABLE READ
-- transaction: the horizon, the touched days and the sums then come from one snapshot. A transaction that was open at the
-- horizon has a number at or above it, so its rows are found next time; a watermark by id or time missed 6 to 8 % of rows.
create or replace function ai_roll_up() returns setof date
language plpgsql as $$
declare
  v_last xid8;
  v_horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
  v_day date;
begin
  select last_xid into strict v_last from ai_rollup_state;
  for v_day in select distinct (at at time zone 'UTC')::date from ai_usage_log where xid >= v_last order by 1 loop
    delete from ai_daily_cost where day = v_day;
    insert into ai_daily_cost select * from ai_sum_day(v_day);
    delete from ai_daily_user_cost where day = v_day;
    insert into ai_daily_user_cost select * from ai_sum_user_day(v_day);
    return next v_day;
  end loop;
  update ai_rollup_state set last_xid = v_horizon, rolled_at = clock_timestamp();
end $$;
