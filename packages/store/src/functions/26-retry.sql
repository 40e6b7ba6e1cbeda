-- An operator sends finished, unsuccessful jobs round again from their first candidate. Callers that were told of the failure keep
-- their rows; the money of the new attempt gets one of its own. A job whose key is in flight again is left alone.
create or replace function ai_retry(p_jobs uuid[]) returns table (out_job uuid, out_outcome text, out_dispatch jsonb)
language plpgsql as $$
declare
  j ai_job;
begin
  foreach out_job in array p_jobs loop
    out_dispatch := null;
    select * into j from ai_job where id = out_job for no key update;
    if not found then out_outcome := 'unknown';
    elsif j.state not in ('failed', 'cancelled') or j.request ? 'forgotten' then out_outcome := 'not_failed';
    else
      begin
        update ai_job set
          -- Not 0: a settle of a first attempt takes it that no caller has a row yet.
          attempts = 1,
          state = 'queued', candidate = 0, candidate_attempts = 0, crash_count = 0, worker_id = null, finished_at = null, deadline = null,
          provider = coalesce(candidates -> 0 ->> 'provider', provider), model = coalesce(candidates -> 0 ->> 'model', model),
          queue = coalesce(candidates -> 0 ->> 'queue', queue), error_code = null, error_message = null, answers_until = null,
          generation = nextval('ai_generation_seq'), run_after = clock_timestamp(), dispatched_at = clock_timestamp(), updated_at = clock_timestamp()
        where id = out_job
        returning * into j;
        update ai_job_caller set cancelled_at = null where job_id = out_job and cancelled_at is not null;
        out_outcome := 'queued';
        out_dispatch := ai_dispatch(j);
      exception when unique_violation then
        out_outcome := 'in_flight';
      end;
    end if;
    return next;
  end loop;
end $$;
