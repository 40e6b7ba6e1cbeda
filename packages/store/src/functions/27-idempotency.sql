-- A caller's idempotency key. `open`: whoever holds it (usage_id, the id of its request) is on its way into the ledger. `taken`: the
-- request is there, as a job or as a memory hit. The key is claimed before the admission and filled in after it, so a holder that
-- dies in between leaves an open row: its caller row tells whether the admission happened, and without one the key is free again
-- after p_patience.
-- Outcomes: claimed (the key is p_request's now) · conflict · job · memory · open (look again in a moment).
create or replace function ai_claim_key(
  p_caller text, p_key text, p_sha256 text, p_request uuid, p_ttl interval, p_patience interval)
returns table (out_outcome text, out_request uuid, out_job uuid, out_memory uuid)
language plpgsql as $$
declare
  i ai_idempotency;
  c ai_job_caller;
  v_now timestamptz := clock_timestamp();
begin
  insert into ai_idempotency (caller, key, request_sha256, usage_id, expires_at, created_at)
  values (p_caller, p_key, p_sha256, p_request, v_now + p_ttl, v_now)
  on conflict do nothing;
  if found then out_outcome := 'claimed'; out_request := p_request; return next; return; end if;

  select * into i from ai_idempotency where caller = p_caller and key = p_key for no key update;
  -- Its holder has just given it back.
  if not found then out_outcome := 'open'; return next; return; end if;

  select * into c from ai_job_caller where id = i.usage_id;
  if found and i.status = 'open' then
    update ai_idempotency set status = 'taken', job_id = c.job_id where caller = p_caller and key = p_key returning * into i;
  end if;

  -- A request that was taken back is as if it had never been made.
  if i.expires_at <= v_now or c.cancelled_at is not null or (i.status = 'open' and i.created_at < v_now - p_patience) then
    update ai_idempotency set request_sha256 = p_sha256, usage_id = p_request, job_id = null, memory_id = null, status = 'open',
      expires_at = v_now + p_ttl, created_at = v_now
    where caller = p_caller and key = p_key;
    out_outcome := 'claimed'; out_request := p_request;
  elsif i.request_sha256 <> p_sha256 then
    out_outcome := 'conflict';
  else
    out_request := i.usage_id; out_job := i.job_id; out_memory := i.memory_id;
    out_outcome := case when i.status = 'open' then 'open' when i.job_id is not null then 'job' else 'memory' end;
  end if;
  return next;
end $$;

-- Gives an open key back whose request was refused. Not when the request is in the ledger after all.
create or replace function ai_release_key(p_caller text, p_key text, p_request uuid) returns void
language sql as $$
  delete from ai_idempotency i
  where i.caller = p_caller and i.key = p_key and i.usage_id = p_request and i.status = 'open'
    and not exists (select from ai_job_caller c where c.id = p_request)
$$;
