-- Gives one worker the next day a daily job is due for: the oldest that is missing, one at a time and in order. Days are UTC days of
-- the database's clock; a day is due from p_at after its midnight on. A run of a dead worker, or one that failed fewer than five
-- times, is given out again. A job without any run begins with the latest due day.
create or replace function ai_claim_cron(p_name text, p_at interval, p_worker uuid) returns date
language plpgsql as $$
declare
  v_latest date;
  v_day date;
begin
  perform pg_advisory_xact_lock(hashtextextended('ai_core.cron.' || p_name, 0));
  if exists (
    select from ai_cron_run r join ai_worker w on w.id = r.worker_id
    where r.name = p_name and r.state = 'running' and w.dead_at is null)
  then
    return null;
  end if;
  v_latest := ((clock_timestamp() at time zone 'UTC') - p_at)::date;
  select min((r.logical_date at time zone 'UTC')::date) into v_day from ai_cron_run r
  where r.name = p_name and r.state <> 'done' and r.attempts < 5;
  if v_day is null then
    select max((r.logical_date at time zone 'UTC')::date) + 1 into v_day from ai_cron_run r where r.name = p_name;
    v_day := coalesce(v_day, v_latest);
  end if;
  if v_day > v_latest then return null; end if;
  insert into ai_cron_run (name, logical_date, worker_id) values (p_name, v_day::timestamp at time zone 'UTC', p_worker)
  on conflict (name, logical_date) do update
    set state = 'running', worker_id = excluded.worker_id, attempts = ai_cron_run.attempts + 1, started_at = clock_timestamp(),
      finished_at = null, error_message = null;
  return v_day;
end $$;

-- The end of a run. A worker that was declared dead meanwhile no longer owns it and changes nothing.
create or replace function ai_finish_cron(p_name text, p_day date, p_worker uuid, p_error text) returns boolean
language sql as $$
  with finished as (
    update ai_cron_run set state = case when p_error is null then 'done' else 'failed' end, error_message = p_error, finished_at = clock_timestamp()
    where name = p_name and logical_date = p_day::timestamp at time zone 'UTC' and worker_id = p_worker and state = 'running'
    returning 1)
  select exists (select from finished)
$$;
