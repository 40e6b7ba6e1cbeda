-- Workers whose lock is free in two sweeps at least a second apart (killed), or whose lease is over (frozen or cut off), are dead.
create or replace function ai_sweep_workers() returns setof uuid
language sql as $$
  with seen as (
    select w.id, w.lease_until, w.lock_missed_at,
      exists (select from pg_locks l where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
        and l.classid = 7277 and l.objid::bigint = w.lock_key and l.objsubid = 2 and l.granted) as locked
    from ai_worker w where w.dead_at is null),
  marked as (
    update ai_worker w set
      lock_missed_at = case when seen.locked then null else coalesce(w.lock_missed_at, clock_timestamp()) end,
      dead_at = case
        when seen.lease_until < clock_timestamp() then clock_timestamp()
        when not seen.locked and seen.lock_missed_at < clock_timestamp() - interval '1 second' then clock_timestamp() end,
      updated_at = clock_timestamp()
    from seen
    where w.id = seen.id and w.dead_at is null
      and (seen.lease_until < clock_timestamp() or seen.locked = (seen.lock_missed_at is not null) or (not seen.locked and seen.lock_missed_at < clock_timestamp() - interval '1 second'))
    returning w.id, w.dead_at)
  select id from marked where dead_at is not null
$$;

-- Running jobs of dead workers go back to the front of their queue; what their attempts cost is unknown. A death is not the model's
-- failure and takes none of its tries: a job whose workers were killed three times once failed for good at its first cut answer.
create or replace function ai_sweep_running(p_limit integer) returns setof jsonb
language plpgsql as $$
declare
  v_id uuid;
  j ai_job;
begin
  for v_id in
    select j2.id from ai_job j2
    where j2.state = 'running' and not exists (select from ai_worker w where w.id = j2.worker_id and w.dead_at is null)
    order by j2.id limit p_limit
    for no key update skip locked
  loop
    update ai_job set
      state = 'queued', crash_count = crash_count + 1, candidate_attempts = greatest(0, candidate_attempts - 1), worker_id = null, fence = fence + 1,
      generation = nextval('ai_generation_seq'), run_after = clock_timestamp(), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = v_id
    returning * into j;
    update ai_attempt set state = 'unknown', finished_at = clock_timestamp() where job_id = v_id and state = 'reserved' and batch_id is null;
    return next ai_dispatch(j);
  end loop;

  -- The job of a dead worker's call may have been cancelled under it: nobody runs it, the call was made all the same.
  update ai_attempt a set state = 'unknown', finished_at = clock_timestamp()
  where a.id in (
    select b.id from ai_attempt b join ai_worker w on w.id = b.worker_id
    where b.state = 'reserved' and w.dead_at is not null and b.batch_id is null
      and not exists (select from ai_job r where r.id = b.job_id and r.state = 'running' and r.fence = b.fence)
    limit p_limit
    for no key update of b skip locked);
end $$;

-- Due jobs that were dispatched a while ago and are still queued: candidates for having been lost by the queue.
create or replace function ai_list_overdue(p_older interval, p_limit integer) returns setof jsonb
language sql stable as $$
  select ai_dispatch(j.*) from ai_job j
  where j.state = 'queued' and j.dispatched_at < clock_timestamp() - p_older and j.run_after < clock_timestamp() - p_older
  order by j.dispatched_at limit p_limit
$$;

-- Dispatches again, under new generations, the jobs that still have the generation given.
create or replace function ai_redispatch(p_jobs uuid[], p_generations bigint[]) returns setof jsonb
language sql as $$
  with lost as (
    select j.id from unnest(p_jobs, p_generations) as x (id, generation)
    cross join lateral (
      select j.id from ai_job j where j.id = x.id and j.generation = x.generation and j.state = 'queued' limit 1
      for no key update skip locked) j),
  sent as (
    update ai_job j set generation = nextval('ai_generation_seq'), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    from lost where j.id = lost.id
    returning j.*)
  select ai_dispatch(sent.*) from sent
$$;

-- Callers whose jobs wait in the ledger while their window has room: a claim that should have dispatched them died half-way.
create or replace function ai_fill_windows(p_window integer) returns setof jsonb
language plpgsql as $$
declare
  w record;
begin
  for w in
    select waiting.queue, waiting.caller, waiting.lane, p_window - (
      select count(*) from (
        select from ai_job j
        where j.queue = waiting.queue and j.caller = waiting.caller and j.lane = waiting.lane and j.state = 'queued' and j.dispatched_at is not null
        limit p_window) d) as room
    from (select distinct j.queue, j.caller, j.lane from ai_job j where j.state = 'queued' and j.dispatched_at is null) waiting
  loop
    if w.room > 0 then
      return query select jsonb_array_elements(ai_dispatch_next(w.queue, w.caller, w.lane, w.room::integer));
    end if;
  end loop;
end $$;

-- Callers of finished jobs that have no usage row yet, of the last p_since.
create or replace function ai_complete_callers(p_since interval, p_limit integer) returns integer
language plpgsql as $$
declare
  v_job uuid;
  v_rows integer := 0;
begin
  for v_job in
    select distinct c.job_id from ai_job_caller c
    join ai_job j on j.id = c.job_id
    where j.finished_at < clock_timestamp() - interval '5 seconds' and c.requested_at > clock_timestamp() - p_since
      and not exists (select from ai_usage_log u where u.id = c.id and u.at = c.requested_at)
    limit p_limit
  loop
    v_rows := v_rows + ai_account_callers(v_job, 1000);
  end loop;
  return v_rows;
end $$;

-- Attempts whose outcome stayed unknown for longer than any provider call can last get their usage row, with an unknown cost.
create or replace function ai_account_unknown(p_grace interval, p_limit integer) returns integer
language plpgsql as $$
declare
  v_id uuid;
  v_rows integer := 0;
begin
  for v_id in
    select a.id from ai_attempt a
    where a.state = 'unknown' and a.accounted_at is null and a.started_at < clock_timestamp() - p_grace
    order by a.started_at limit p_limit
    for no key update skip locked
  loop
    perform ai_account_attempt(v_id, 'unknown');
    update ai_attempt set accounted_at = clock_timestamp() where id = v_id;
    v_rows := v_rows + 1;
  end loop;
  return v_rows;
end $$;
