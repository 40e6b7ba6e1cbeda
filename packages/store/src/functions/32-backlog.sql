-- Counts what waits; what is little is left out.
create or replace function ai_count_backlog() returns void
language plpgsql as $$
begin
  if not pg_try_advisory_xact_lock(hashtextextended('ai_core.backlog', 0)) then return; end if;
  delete from ai_backlog;
  insert into ai_backlog (queue, caller, waiting, counted_at)
  select j.queue, j.caller, count(*), clock_timestamp() from ai_job j where j.state = 'queued' group by j.queue, j.caller having count(*) >= 100;
end $$;
