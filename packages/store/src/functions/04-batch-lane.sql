-- Until when a job may stay in the batch lane: a tenth of its time, at least one minute and at most one hour, is left for a call of its
-- own. Providers answer a batch within a day or give it up; six hours more are for collecting and for looking.
create or replace function ai_batch_until(p_at timestamptz, p_deadline timestamptz) returns timestamptz
language sql immutable as $$
  select least(p_at + interval '30 hours',
    p_deadline - greatest(interval '1 minute', least(interval '1 hour', (p_deadline - p_at) / 10)))
$$;

-- Would a caller who joins take the job along? Out of the queue's back rows, or out of the batch lane where its own time there is shorter.
create or replace function ai_is_hurried(j ai_job, p_lane text, p_priority integer, p_at timestamptz, p_deadline_ms double precision) returns boolean
language sql immutable as $$
  select case j.state
    when 'queued' then j.priority > p_priority or (j.lane = 'batch' and p_lane = 'interactive')
    when 'batched' then p_lane = 'interactive' or ai_batch_until(p_at, p_at + make_interval(secs => p_deadline_ms / 1000)) < j.run_after
    else false end
$$;
