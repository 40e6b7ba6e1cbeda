-- A caller leaves (p_request), or an operator cancels the whole job (p_request null). The job is cancelled when nobody living is left;
-- a call under way is then refused by the fence when it answers, and accounted for as late.
create or replace function ai_cancel(p_job uuid, p_request uuid)
returns table (out_outcome text, out_reply_to text[])
language plpgsql as $$
declare
  j ai_job;
begin
  out_reply_to := '{}';
  select * into j from ai_job where id = p_job for no key update;
  if not found then out_outcome := 'unknown'; return next; return; end if;
  if j.finished_at is not null then out_outcome := 'finished'; return next; return; end if;

  update ai_job_caller c set cancelled_at = clock_timestamp()
  where c.job_id = p_job and c.cancelled_at is null and (p_request is null or c.id = p_request);
  insert into ai_usage_log (
    id, at, row_kind, job_id, simulated, kind, request_type, endpoint, user_id, caller, provider, model, cost_nano_usd, source,
    selection_mode, success, error_code, error_message, latency_ms)
  select c.id, c.requested_at, 'request', j.id, j.simulated, j.kind, j.request_type, c.endpoint, c.user_id, c.caller, j.provider, j.model, 0,
    'provider', j.selection_mode, false, 'JOB_CANCELLED', 'the request was cancelled',
    greatest(0, extract(epoch from clock_timestamp() - c.requested_at) * 1000)::integer
  from ai_job_caller c
  where c.job_id = p_job and c.cancelled_at is not null
  on conflict do nothing;

  if exists (select from ai_job_caller c where c.job_id = p_job and c.cancelled_at is null) then
    out_outcome := 'left'; return next; return;
  end if;
  update ai_job set state = 'cancelled', fence = fence + 1, worker_id = null, finished_at = clock_timestamp(), updated_at = clock_timestamp(),
    error_code = 'JOB_CANCELLED', error_message = 'every caller cancelled the request'
  where id = p_job;
  select coalesce(array_agg(distinct c.reply_to), '{}') into out_reply_to from ai_job_caller c where c.job_id = p_job and c.reply_to is not null;
  out_outcome := 'cancelled';
  return next;
end $$;
