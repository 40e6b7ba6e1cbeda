import { AiCoreError, TIERS, type Tier, type UserCategoryPolicy } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

const SET: Statement = {
  name: 'user_category_set',
  text: `insert into ai_user_category_policy (user_category, allowed_tiers, allowed_models, daily_limit_nano_usd) values ($1, $2, $3, $4)
    on conflict (user_category) do update set allowed_tiers = excluded.allowed_tiers, allowed_models = excluded.allowed_models,
      daily_limit_nano_usd = excluded.daily_limit_nano_usd, updated_at = clock_timestamp()`,
};
const LIST: Statement = {
  name: 'user_category_list',
  text: `select user_category, allowed_tiers, allowed_models, daily_limit_nano_usd from ai_user_category_policy order by user_category`,
};
const REMOVE: Statement = {
  name: 'user_category_remove',
  text: 'delete from ai_user_category_policy where user_category = $1 returning user_category',
};

function toAudit(policy: UserCategoryPolicy): Record<string, unknown> {
  return {
    allowedTiers: policy.allowedTiers,
    allowedModels: policy.allowedModels,
    dailyLimitNanoUsd: policy.dailyLimitNanoUsd === null ? null : String(policy.dailyLimitNanoUsd),
  };
}

/**
 * Sets what a category of users may use. Publish CHANGES_TOPIC afterwards; processes that miss it notice within a second.
 * @throws REQUEST_INVALID for a name that is none, or a policy that allows nothing
 */
export async function setUserCategory(database: Database, policy: UserCategoryPolicy, actor: string): Promise<void> {
  if (policy.userCategory === '' || policy.userCategory.length > 200)
    throw new AiCoreError('REQUEST_INVALID', 'a user category has 1 to 200 characters');
  if (policy.allowedTiers?.length === 0 || policy.allowedModels?.length === 0)
    throw new AiCoreError('REQUEST_INVALID', 'the policy allows nothing; name a tier or a model, or leave it out to allow all');
  const unknown = policy.allowedTiers?.find((tier) => !TIERS.includes(tier));
  if (unknown !== undefined) throw new AiCoreError('REQUEST_INVALID', `a tier is one of ${TIERS.join(', ')}`);
  const before = (await listUserCategories(database)).find((known) => known.userCategory === policy.userCategory);
  await database.query(SET, [policy.userCategory, policy.allowedTiers, policy.allowedModels, policy.dailyLimitNanoUsd]);
  await recordChange(database, {
    actor,
    action: 'user_category.set',
    subject: policy.userCategory,
    before: before && toAudit(before),
    after: toAudit(policy),
  });
}

/** Every category that has a policy. */
export async function listUserCategories(database: Database): Promise<UserCategoryPolicy[]> {
  const rows = await database.query<{
    user_category: string;
    allowed_tiers: Tier[] | null;
    allowed_models: string[] | null;
    daily_limit_nano_usd: bigint | null;
  }>(LIST);
  return rows.map((row) => ({
    userCategory: row.user_category,
    allowedTiers: row.allowed_tiers,
    allowedModels: row.allowed_models,
    dailyLimitNanoUsd: row.daily_limit_nano_usd,
  }));
}

/** Removes a policy: the category may use everything again. @returns false when there was none */
export async function removeUserCategory(database: Database, userCategory: string, actor: string): Promise<boolean> {
  const rows = await database.query(REMOVE, [userCategory]);
  if (rows.length > 0) await recordChange(database, { actor, action: 'user_category.removed', subject: userCategory });
  return rows.length > 0;
}
