-- Removes remembered answers in all versions, with what was said about them and the work that made them: the given answers' whole keys,
-- the parts of long speech their jobs bought, and, with p_scope, everything of that scope. Unfinished work on them is cancelled first.
-- What was paid stays in the accounts, without content; a job whose call is not settled yet stays for that, emptied.
create or replace function ai_forget(p_memory uuid[], p_scope text)
returns table (out_memories integer, out_jobs integer, out_objects jsonb)
language plpgsql as $$
declare
  v_jobs uuid[];
  v_memories uuid[];
begin
  select coalesce(array_agg(j.id order by j.id), '{}') into v_jobs from ai_job j
  where j.scope = p_scope or exists (
    select from ai_memory m where m.id = any (p_memory)
      and ((m.prompt_hash = j.prompt_hash and m.scope = j.scope and m.simulated = j.simulated) or m.job_id = j.id));
  perform ai_cancel(id, null) from unnest(v_jobs) id order by id;

  select coalesce(array_agg(m.id order by m.id), '{}') into v_memories from ai_memory m
  where m.scope = p_scope or m.job_id = any (v_jobs) or exists (
    select from ai_memory f where f.id = any (p_memory)
      and ((f.prompt_hash = m.prompt_hash and f.scope = m.scope and f.simulated = m.simulated) or f.job_id = m.job_id));
  perform from ai_memory where id = any (v_memories) order by id for update;
  select coalesce(jsonb_agg(distinct jsonb_build_object('file', generated_audio_file, 'sha256', audio_sha256)), '[]') into out_objects
  from ai_memory where id = any (v_memories) and generated_audio_file is not null;
  -- Ratings and training examples go along.
  delete from ai_memory where id = any (v_memories);
  out_memories := cardinality(v_memories);
  out_jobs := cardinality(v_jobs);

  update ai_webhook_delivery set sealed_values = null, updated_at = clock_timestamp()
  where sealed_values is not null and (job_id = any (v_jobs) or memory_id = any (v_memories));
  update ai_job set request = '{"forgotten": true}', answer = null, memory_id = null, state = 'cancelled', answers_until = null,
    error_code = coalesce(error_code, 'JOB_CANCELLED'), error_message = 'what it was about has been forgotten', updated_at = clock_timestamp()
  where id = any (v_jobs) and exists (select from ai_attempt a where a.job_id = ai_job.id and a.state in ('reserved', 'unknown'));
  update ai_job_caller set sealed_values = null where job_id = any (v_jobs) and sealed_values is not null;
  delete from ai_job_caller c using ai_job j where c.job_id = j.id and j.id = any (v_jobs) and not j.request ? 'forgotten';
  delete from ai_job where id = any (v_jobs) and not request ? 'forgotten';
  return next;
end $$;
