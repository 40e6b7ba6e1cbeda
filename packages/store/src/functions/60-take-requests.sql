-- Hands requests of the current minute out to one gateway: all gateways together get p_limit of them a minute. A gateway takes
-- some at once, so that most requests need no look at the database.
create or replace function ai_take_requests(p_key uuid, p_wanted integer, p_limit integer)
returns table (out_granted integer, out_ends_in_ms integer)
language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_minute timestamptz := date_trunc('minute', v_now);
  v_taken integer;
begin
  insert into ai_api_key_minute (key_id, minute, taken) values (p_key, v_minute, 0) on conflict (key_id) do nothing;
  select case when m.minute = v_minute then m.taken else 0 end into v_taken from ai_api_key_minute m where m.key_id = p_key for update;
  out_granted := greatest(0, least(p_wanted, p_limit - v_taken));
  update ai_api_key_minute set minute = v_minute, taken = v_taken + out_granted, updated_at = v_now where key_id = p_key;
  out_ends_in_ms := ceil(extract(epoch from v_minute + interval '1 minute' - v_now) * 1000)::integer;
  return next;
end $$;
