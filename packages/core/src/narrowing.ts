/** What a category of users may use: a row of ai_user_category_policy, as far as it limits the choice of a model. */
import { TIERS } from './model.ts';
import type { Tier } from './model.ts';

export interface Narrowing {
  /** null = every tier. */
  readonly allowedTiers: readonly Tier[] | null;
  /** Model names, or `provider/model`; null = every model. */
  readonly allowedModels: readonly string[] | null;
}

export const UNNARROWED: Narrowing = { allowedTiers: null, allowedModels: null };

/** What an admin has set for one category of users. */
export interface UserCategoryPolicy extends Narrowing {
  readonly userCategory: string;
  /** What all users of the category together may spend in one UTC day; null = no limit. */
  readonly dailyLimitNanoUsd: bigint | null;
}

/** What a request of this category may use; a category without a policy may use everything. */
export function narrowingOf(policies: readonly UserCategoryPolicy[], userCategory: string | undefined): Narrowing {
  if (userCategory === undefined) return UNNARROWED;
  return policies.find((policy) => policy.userCategory === userCategory) ?? UNNARROWED;
}

/** Allowed tiers from cheap to premium; null when all are. */
export function narrowedTiers({ allowedTiers }: Narrowing): readonly Tier[] | null {
  if (allowedTiers === null) return null;
  const tiers = TIERS.filter((tier) => allowedTiers.includes(tier));
  return tiers.length === TIERS.length ? null : tiers;
}

/**
 * The tier to begin at for somebody who asks for `wanted`: that one if it is allowed, else the dearest allowed one below it,
 * else `wanted` (whose dearer neighbours may still be allowed).
 */
export function clampTier(wanted: Tier, narrowing: Narrowing): Tier {
  const allowed = narrowedTiers(narrowing);
  if (allowed === null || allowed.includes(wanted)) return wanted;
  return allowed.findLast((tier) => TIERS.indexOf(tier) < TIERS.indexOf(wanted)) ?? wanted;
}

/** @returns true when a model of this name may be used */
export function isModelAllowed(model: { readonly provider: string; readonly modelName: string }, { allowedModels }: Narrowing): boolean {
  return (
    allowedModels === null || allowedModels.includes(model.modelName) || allowedModels.includes(`${model.provider}/${model.modelName}`)
  );
}
