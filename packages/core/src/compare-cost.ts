/** What a call would have cost: in real time, and with the model that would else have answered. */
import { computeCost } from './compute-cost.ts';
import type { Candidate } from './model.ts';
import type { Price } from './price.ts';
import type { Kind } from './provider-facts.ts';
import type { SelectionMode } from './request.ts';
import type { Usage } from './usage.ts';

/** A model by name. */
interface Named {
  readonly provider: string;
  readonly model: string;
}

export interface IncumbentQuestion {
  readonly kind: Kind;
  readonly selectionMode: SelectionMode;
  /** Who answered. */
  readonly answered: Named;
  /** The fallback chain of the request, best first. */
  readonly candidates: readonly Pick<Candidate, 'provider' | 'model'>[];
  /** The model that answered requests of this type before a cheaper one was chosen for it; null = nothing was changed. */
  readonly before: Named | null;
}

const OWN_PROVIDER = 'local_small_model';

/**
 * The model that would have answered without what we did to be cheaper: the one that served the type before a cheaper tier was
 * chosen for it; else, where a model of our own answered, the first of the request's other candidates that is not ours.
 * @returns null when there is nothing to compare with: the model that answered is the one that would have anyway, or the caller named it
 */
export function findIncumbent({ kind, selectionMode, answered, candidates, before }: IncumbentQuestion): Named | null {
  if (kind !== 'text' || selectionMode === 'manual') return null;
  if (before !== null) return before;
  if (answered.provider !== OWN_PROVIDER) return null;
  return candidates.find(({ provider }) => provider !== OWN_PROVIDER) ?? null;
}

export interface ComparedCall {
  readonly usage: Usage;
  /** What it was billed with. */
  readonly price: Price | null;
  /** Of the model that would else have answered; null = none would have, or its price is not known. */
  readonly incumbentPrice: Price | null;
}

export interface ComparedCost {
  /** null = as much as it did cost, or not known. */
  readonly realtimeNanoUsd: bigint | null;
  /** null = no other model would have answered, or not known. */
  readonly counterfactualNanoUsd: bigint | null;
}

/** What the very same tokens had cost without the batch discount, and then with the other model. */
export function compareCost({ usage, price, incumbentPrice }: ComparedCall): ComparedCost {
  const realtime: Usage = { ...usage, batch: false };
  return {
    realtimeNanoUsd: usage.batch ? computeCost(realtime, price).nanoUsd : null,
    counterfactualNanoUsd: incumbentPrice === null ? null : computeCost(realtime, incumbentPrice).nanoUsd,
  };
}
