-- Removes what is past its time, at most p_limit jobs: finished jobs and their callers after 7 days, failed ones after 30. What they
-- cost stays: attempts and usage rows are kept for 13 months. An unsettled attempt keeps its job.
create or replace function ai_remove_old_jobs(p_limit integer) returns integer
language plpgsql as $$
declare
  v_jobs uuid[];
begin
  select array_agg(id) into v_jobs from (
    select j.id from ai_job j
    where j.finished_at < clock_timestamp() - case when j.state = 'failed' then interval '30 days' else interval '7 days' end
      and not exists (select from ai_attempt a where a.job_id = j.id and a.state in ('reserved', 'unknown'))
    order by j.finished_at limit p_limit
    for update skip locked) old;
  if v_jobs is null then return 0; end if;
  delete from ai_job_caller where job_id = any (v_jobs);
  delete from ai_job where id = any (v_jobs);
  return cardinality(v_jobs);
end $$;

-- Drops whole months of the usage log, and their attempts, once every row in them is older than p_months.
create or replace function ai_drop_old_partitions(p_months integer) returns setof text
language plpgsql as $$
declare
  v_name text;
  v_before date := (date_trunc('month', clock_timestamp() at time zone 'UTC') - make_interval(months => p_months))::date;
begin
  for v_name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'ai_usage_log'::regclass and c.relname < 'ai_usage_log_' || to_char(v_before, 'YYYYMM')
    order by c.relname
  loop
    execute format('drop table %I', v_name);
    return next v_name;
  end loop;
  delete from ai_attempt where started_at < v_before::timestamp at time zone 'UTC' and state not in ('reserved', 'unknown');
  delete from ai_idempotency where expires_at < clock_timestamp();
  delete from ai_webhook_delivery where created_at < clock_timestamp() - interval '30 days';
  delete from ai_batch_item where created_at < clock_timestamp() - interval '30 days' and settled_at is not null;
  delete from ai_batch where finished_at < clock_timestamp() - interval '30 days';
  delete from ai_bulk_group where created_at < clock_timestamp() - interval '30 days';
  delete from ai_worker where dead_at < clock_timestamp() - interval '30 days'
    and not exists (select from ai_attempt a where a.worker_id = ai_worker.id and a.state = 'reserved');
end $$;
