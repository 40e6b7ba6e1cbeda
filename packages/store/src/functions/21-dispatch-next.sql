-- Takes the next jobs of one caller and lane that wait in the ledger behind its dispatch window, and marks them dispatched. A window
-- for each lane: with one for both, a caller's people waited behind its own bulk work.
-- Returns what to put into the queue, as a JSON array of dispatches.
create or replace function ai_dispatch_next(p_queue text, p_caller text, p_lane text, p_count integer) returns jsonb
language plpgsql as $$
declare
  v_result jsonb;
begin
  with next as (
    select j.id from ai_job j
    where j.queue = p_queue and j.caller = p_caller and j.lane = p_lane and j.state = 'queued' and j.dispatched_at is null
    order by j.priority, j.created_at
    limit p_count
    for no key update skip locked),
  sent as (
    update ai_job j set dispatched_at = clock_timestamp(), crowded = true, generation = nextval('ai_generation_seq'), updated_at = clock_timestamp()
    from next where j.id = next.id
    returning j.*)
  select coalesce(jsonb_agg(ai_dispatch(sent.*)), '[]'::jsonb) into v_result from sent;
  return v_result;
end $$;
