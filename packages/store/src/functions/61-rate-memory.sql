-- One user's rating of one answer, and the average that follows from all of them. The answer's row is locked first, so that two
-- ratings at once both count.
create or replace function ai_rate_memory(p_memory uuid, p_user text, p_caller text, p_rating numeric, p_comment text)
returns table (out_rating numeric, out_count integer)
language plpgsql as $$
begin
  perform from ai_memory where id = p_memory for no key update;
  if not found then return; end if;
  insert into ai_rating (memory_id, user_id, caller, rating, comment) values (p_memory, p_user, p_caller, p_rating, p_comment)
  on conflict (memory_id, caller, user_id)
    do update set rating = excluded.rating, comment = excluded.comment, updated_at = clock_timestamp();
  select round(avg(r.rating), 3), count(*)::integer into out_rating, out_count from ai_rating r where r.memory_id = p_memory;
  update ai_memory set user_rating = out_rating, rating_count = out_count, updated_at = clock_timestamp() where id = p_memory;
  return next;
end $$;
