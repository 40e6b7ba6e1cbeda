-- A caller who is in more of a hurry has joined a queued job: the job takes over the better priority and lane and is dispatched
-- again. Not part of admission, where several joiners hold the row at the same time. Nothing is returned when there is nothing to do.
create or replace function ai_promote(p_job uuid, p_priority integer, p_lane text) returns setof jsonb
language sql as $$
  with promoted as (
    update ai_job j set
      priority = least(j.priority, p_priority), lane = case when p_lane = 'interactive' then p_lane else j.lane end,
      generation = nextval('ai_generation_seq'), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    where j.id = p_job and j.state = 'queued' and (j.priority > p_priority or (j.lane = 'batch' and p_lane = 'interactive'))
    returning j.*)
  select ai_dispatch(promoted.*) from promoted
$$;
