-- A caller who is in more of a hurry has joined a job: a queued one takes over the better priority and lane and is dispatched again; one
-- in the batch lane leaves it for a caller who does not want to wait, or sooner for one with less time. Not part of admission, where
-- several joiners hold the row at the same time. Nothing is returned when there is nothing to do.
create or replace function ai_promote(p_job uuid, p_priority integer, p_lane text) returns setof jsonb
language plpgsql as $$
declare
  j ai_job;
begin
  if p_lane <> 'interactive' then
    update ai_job x set priority = least(x.priority, p_priority), updated_at = clock_timestamp(), run_after = least(x.run_after, (
      select min(ai_batch_until(c.requested_at, c.deadline)) from ai_job_caller c where c.job_id = p_job and c.cancelled_at is null))
    where x.id = p_job and x.state = 'batched';
  end if;
  update ai_job x set
    priority = least(x.priority, p_priority), lane = case when p_lane = 'interactive' then p_lane else x.lane end,
    -- The line that is left behind in a batch is late when it comes.
    fence = x.fence + case x.state when 'batched' then 1 else 0 end, batch_id = null,
    state = 'queued', run_after = case x.state when 'batched' then clock_timestamp() else x.run_after end,
    generation = nextval('ai_generation_seq'), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
  where x.id = p_job and (
    (x.state = 'queued' and (x.priority > p_priority or (x.lane = 'batch' and p_lane = 'interactive')))
    or (x.state = 'batched' and p_lane = 'interactive'))
  returning * into j;
  if found then return next ai_dispatch(j); end if;
end $$;
