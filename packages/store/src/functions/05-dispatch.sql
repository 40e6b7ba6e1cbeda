-- What the queue needs to know of a queued job: ids and times, never the request itself. Within one priority a caller's crowd stands
-- behind the work of callers that have little of it; what has waited too long goes before everything.
create or replace function ai_dispatch(j ai_job) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'jobId', j.id, 'generation', j.generation::text, 'kind', j.kind, 'promptHash', j.prompt_hash, 'requestType', j.request_type,
    'queue', j.queue, 'priority', 2 * case j.lane when 'batch' then j.priority + 100 else j.priority end + case when j.crowded then 1 else 0 end,
    'front', j.crash_count > 0 or j.aged_at is not null,
    'delayMs', greatest(0, extract(epoch from j.run_after - clock_timestamp()) * 1000)::integer)
$$;
