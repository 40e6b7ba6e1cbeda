-- What the queue needs to know of a queued job: ids and times, never the request itself.
create or replace function ai_dispatch(j ai_job) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'jobId', j.id, 'generation', j.generation::text, 'kind', j.kind, 'promptHash', j.prompt_hash, 'requestType', j.request_type,
    'queue', j.queue, 'priority', case j.lane when 'batch' then j.priority + 100 else j.priority end,
    'delayMs', greatest(0, extract(epoch from j.run_after - clock_timestamp()) * 1000)::integer)
$$;
