-- A circuit per provider for the whole fleet, kept in the ledger: workers that never meet agree on it, and it outlives them all.

-- What the end of a call says of its provider. p_effect: well = it answered; unwell = it did not (the fifth time in a row opens the
-- circuit); broken = it will not until a person does something (key, quota): opens at once. True when this opened the circuit.
-- An answer that comes while the circuit is open was asked for before and proves nothing; only the probe closes it. Nor does a call that
-- ends in silence mend a key: what only a person can mend stays the reason until the probe is answered.
create or replace function ai_note_health(p_provider text, p_effect text, p_code text) returns boolean
language plpgsql as $$
declare
  h ai_provider_health;
  v_now timestamptz := clock_timestamp();
begin
  if p_effect = 'well' then
    update ai_provider_health set circuit = 'closed', failures = 0, opens = 0, reason = null, open_until = null, probe_until = null, updated_at = v_now
    where provider = p_provider and (circuit = 'half_open' or (circuit = 'closed' and failures > 0));
    return false;
  end if;
  insert into ai_provider_health (provider, failures, reason) values (p_provider, 1, p_code)
  on conflict (provider) do update set failures = ai_provider_health.failures + 1, updated_at = v_now,
    -- Unwell calls that ended after a refused key took its place here, and jobs that should have failed waited.
    reason = case when p_effect = 'unwell' and ai_provider_health.circuit <> 'closed' then ai_provider_health.reason else excluded.reason end
  returning * into h;
  if h.circuit = 'open' or (p_effect = 'unwell' and h.circuit = 'closed' and h.failures < 5) then return false; end if;
  update ai_provider_health set circuit = 'open', opened_at = v_now, opens = least(h.opens + 1, 10), probe_until = null,
    -- A quarter of a minute, doubled with every probe that fails, five minutes at most; a person's act takes longer.
    open_until = v_now + make_interval(secs => least(300, case p_effect when 'broken' then 60 else 15 end * 2 ^ h.opens))
  where provider = p_provider;
  return h.circuit = 'closed';
end $$;

-- May this job be called now? out_ended null: yes, also as the one probe of a circuit that has been open for its time. Else the claim
-- ends here: queued (with the next candidate that is well, or until the next probe), or failed when only a person can mend it.
create or replace function ai_gate_provider(j ai_job, p_at timestamptz, out out_ended text, out out_dispatch jsonb)
language plpgsql as $$
declare
  h ai_provider_health;
  v_wait_s double precision;
begin
  select * into h from ai_provider_health where provider = j.provider and (circuit <> 'closed' or most_at_once is not null) for no key update;
  if not found then return; end if;
  -- Calls of the whole fleet, parts of long speeches among them. The row is locked, so that two claims do not see the same place.
  if h.most_at_once <= ai_count_calls(j, null) then
    out_dispatch := ai_queue_again(j.id, j.candidate, 0.25 + random() / 4);
    out_ended := 'queued';
    return;
  end if;
  if h.circuit = 'closed' then return; end if;
  if coalesce(case h.circuit when 'open' then h.open_until else h.probe_until end, p_at) <= p_at then
    -- A probe whose worker dies is followed by another one.
    update ai_provider_health set circuit = 'half_open', probe_until = p_at + interval '60 seconds', updated_at = p_at where provider = j.provider;
    return;
  end if;
  for v_index in j.candidate + 1 .. jsonb_array_length(j.candidates) - 1 loop
    if not exists (select from ai_provider_health x where x.provider = j.candidates -> v_index ->> 'provider' and x.circuit <> 'closed') then
      out_dispatch := ai_queue_again(j.id, v_index, 0);
      out_ended := 'queued';
      return;
    end if;
  end loop;
  if h.reason in ('PROVIDER_AUTH', 'PROVIDER_QUOTA_EXHAUSTED') then
    update ai_job set state = 'failed', finished_at = clock_timestamp(), error_code = h.reason,
      error_message = format('%s refuses all calls since %s UTC; nothing was called', j.provider, to_char(h.opened_at at time zone 'UTC', 'HH24:MI:SS')),
      updated_at = clock_timestamp()
    where id = j.id;
    perform ai_account_callers(j.id, 200);
    out_ended := 'failed';
  else
    -- While a probe is under way its end may be near; else nothing happens before the next one.
    v_wait_s := case h.circuit when 'half_open' then 2 else extract(epoch from h.open_until - p_at) end;
    out_dispatch := ai_queue_again(j.id, j.candidate, v_wait_s + random());
    out_ended := 'queued';
  end if;
end $$;
