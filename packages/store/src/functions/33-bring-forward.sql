-- Every job runs in the end, whoever saturates its queue: of what has waited for longer than p_longer, the oldest of all callers and
-- lanes go before everything else. They take a tenth of the calls under way in their queue, and always one place, so that the order
-- of lanes and the fairness between callers hold for the rest. What waits for a time of its own (a limit, a circuit) does not count.
create or replace function ai_bring_forward(p_longer interval) returns setof jsonb
language plpgsql as $$
declare
  c_most constant integer := 10;
  v_now timestamptz := clock_timestamp();
begin
  if not pg_try_advisory_xact_lock(hashtextextended('ai_core.bring_forward', 0)) then return; end if;
  return query
  -- From one group to the next along the index: a look at every row of a backlog of 100,000 took 0.4 s.
  with recursive behind_windows as (
    (select j.queue, j.caller, j.lane, j.priority from ai_job j where j.state = 'queued' and j.dispatched_at is null
      order by j.queue, j.caller, j.lane, j.priority limit 1)
    union all
    select n.* from behind_windows b cross join lateral (
      select j.queue, j.caller, j.lane, j.priority from ai_job j
      where j.state = 'queued' and j.dispatched_at is null and (j.queue, j.caller, j.lane, j.priority) > (b.queue, b.caller, b.lane, b.priority)
      order by j.queue, j.caller, j.lane, j.priority limit 1) n),
  windows as (
    (select j.queue, j.caller, j.lane from ai_job j where j.state = 'queued' and j.dispatched_at is not null
      order by j.queue, j.caller, j.lane limit 1)
    union all
    select n.* from windows w cross join lateral (
      select j.queue, j.caller, j.lane from ai_job j
      where j.state = 'queued' and j.dispatched_at is not null and (j.queue, j.caller, j.lane) > (w.queue, w.caller, w.lane)
      order by j.queue, j.caller, j.lane limit 1) n),
  waiting as (
    select h.* from behind_windows b cross join lateral (
      select j.id, j.queue, j.run_after from ai_job j
      where j.state = 'queued' and j.dispatched_at is null and j.queue = b.queue and j.caller = b.caller and j.lane = b.lane
        and j.priority = b.priority and j.created_at < v_now - p_longer
      order by j.created_at limit c_most) h
    union all
    select h.* from windows w cross join lateral (
      select j.id, j.queue, j.run_after from ai_job j
      where j.state = 'queued' and j.dispatched_at is not null and j.queue = w.queue and j.caller = w.caller and j.lane = w.lane
        and j.dispatched_at < v_now - p_longer and j.run_after < v_now - p_longer and j.aged_at is null
      order by j.dispatched_at limit c_most) h),
  places as (
    select q.queue, greatest(1, (select count(*) from ai_job r where r.state = 'running' and r.queue = q.queue) / 10)
      - (select count(*) from ai_job a where a.queue = q.queue and a.aged_at is not null and a.finished_at is null and a.run_after <= v_now) as free
    from (select distinct waiting.queue from waiting) q),
  oldest as (
    select waiting.id, waiting.queue, row_number() over (partition by waiting.queue order by waiting.run_after) as place from waiting),
  chosen as (
    select j.id from ai_job j
    where j.id in (select oldest.id from oldest join places on places.queue = oldest.queue and oldest.place <= places.free)
      and j.state = 'queued'
    for no key update skip locked),
  sent as (
    update ai_job j set aged_at = v_now, generation = nextval('ai_generation_seq'), dispatched_at = v_now, updated_at = v_now
    from chosen where j.id = chosen.id
    returning j.*)
  select ai_dispatch(sent.*) from sent;
end $$;
