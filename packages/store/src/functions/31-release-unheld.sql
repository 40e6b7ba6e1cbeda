-- Jobs the ledger counts as run by a living worker that does not have them in hand: the reply to its claim was lost, or its handler
-- broke down. The worker names what it holds; the rest of its running jobs older than p_older goes back to the front of the queue.
-- It is not a death: nothing speaks against the job, and no try of its model is used up. What its attempt cost is unknown.
create or replace function ai_release_unheld(p_worker uuid, p_held uuid[], p_older interval) returns setof jsonb
language plpgsql as $$
declare
  v_id uuid;
  j ai_job;
begin
  for v_id in
    select u.id from ai_job u
    where u.state = 'running' and u.worker_id = p_worker and u.id <> all (p_held) and u.updated_at < clock_timestamp() - p_older
    order by u.id
    for no key update skip locked
  loop
    update ai_job set
      state = 'queued', candidate_attempts = greatest(0, candidate_attempts - 1), worker_id = null, fence = fence + 1,
      generation = nextval('ai_generation_seq'), run_after = clock_timestamp(), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
    where id = v_id
    returning * into j;
    update ai_attempt set state = 'unknown', finished_at = clock_timestamp() where job_id = v_id and state = 'reserved' and batch_id is null;
    return next ai_dispatch(j);
  end loop;
end $$;
