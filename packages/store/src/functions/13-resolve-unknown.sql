-- An unknown attempt is settled from a provider's bill or by an admin's write-off. What was paid gets its usage row now; when the
-- grace had passed and the row was written with an unknown cost, ai_settle_attempt adds the correction instead.
create or replace function ai_resolve_unknown(p_attempt uuid, p_state text, p_result jsonb) returns boolean
language plpgsql as $$
declare
  a ai_attempt;
begin
  -- Before the attempt, as everybody who has budgets to do with.
  if exists (select from ai_budget) then perform ai_lock_budgets(); end if;
  select * into a from ai_attempt where id = p_attempt for no key update;
  if not found or a.state <> 'unknown' then return false; end if;
  if not ai_settle_attempt(p_attempt, p_state, p_result) then return false; end if;
  if a.accounted_at is null and p_state = 'billed' then
    perform ai_account_attempt(p_attempt, 'unknown');
  end if;
  return true;
end $$;
