/** Which cheaper tier would do for a request type, by what was measured of its answers. */
import { meanInterval, type Interval, type ScoreSummary } from './intervals.ts';
import { TIERS } from './model.ts';
import type { Tier } from './model.ts';

/** A model by name, and how good its answers of one request type were: ratings and judges' scores from 0 to 1. */
export interface MeasuredModel {
  readonly provider: string;
  readonly model: string;
  readonly scores: ScoreSummary;
  /** What one request of the type costs with it, in nano-USD: the tokens of the period at its price. null = not known. */
  readonly costNanoUsd: bigint | null;
}

export interface TierQuestion {
  /** The tier that requests of the type are answered by now. */
  readonly tier: Tier;
  /** The model that answers them now. */
  readonly now: MeasuredModel;
  /** The first choice of each other tier; absent = the tier has no model that can be used. */
  readonly firstOf: Readonly<Partial<Record<Tier, MeasuredModel>>>;
  /** Least mean score, 0 to 1, that the lower end of the interval has to reach. */
  readonly floor: number;
  /** Fewest scores that count as evidence. */
  readonly minScores: number;
  /** Paid calls of the type in a month. */
  readonly monthlyCalls: number;
}

/** Why a tier is not proposed. */
export type TierRefusal = 'no_model' | 'price_unknown' | 'not_cheaper' | 'too_few_scores' | 'below_floor';

export interface JudgedTier {
  readonly tier: Tier;
  readonly provider: string | null;
  readonly model: string | null;
  readonly scores: number;
  /** null = nothing was measured. */
  readonly quality: Interval | null;
  /** null = this is the one that is proposed, or a cheaper one is. */
  readonly refusal: TierRefusal | null;
}

export interface TierProposal {
  readonly tier: Tier;
  readonly model: MeasuredModel;
  readonly quality: Interval;
  /** What a month like the last costs less, in nano-USD. */
  readonly monthlySavingNanoUsd: bigint;
}

export interface TierDecision {
  /** null = the type stays where it is. */
  readonly proposal: TierProposal | null;
  /** Every cheaper tier, the cheapest first, with what is known of it. */
  readonly judged: readonly JudgedTier[];
}

/** The floor of a type whose policy names none: four of five stars. */
export const USUAL_FLOOR = 0.8;

function refuse(question: TierQuestion, first: MeasuredModel | undefined): TierRefusal | null {
  if (first === undefined) return 'no_model';
  if (first.costNanoUsd === null || question.now.costNanoUsd === null) return 'price_unknown';
  if (first.costNanoUsd >= question.now.costNanoUsd) return 'not_cheaper';
  if (first.scores.count < question.minScores) return 'too_few_scores';
  return meanInterval(first.scores).low < question.floor ? 'below_floor' : null;
}

/**
 * Decides for one request type. Quality counts with the lower end of its 95 % interval, so that a model that was rated too little to be
 * told from a bad one is not proposed.
 * @returns the cheapest tier that is good enough, and what is known of every cheaper one
 */
export function proposeTier(question: TierQuestion): TierDecision {
  const cheaper = TIERS.slice(0, TIERS.indexOf(question.tier));
  const judged = cheaper.map((tier): JudgedTier => {
    const first = question.firstOf[tier];
    const scores = first?.scores.count ?? 0;
    return {
      tier,
      provider: first?.provider ?? null,
      model: first?.model ?? null,
      scores,
      quality: first === undefined || scores === 0 ? null : meanInterval(first.scores),
      refusal: refuse(question, first),
    };
  });
  const best = judged.find(({ refusal }) => refusal === null);
  const model = best === undefined ? undefined : question.firstOf[best.tier];
  return {
    proposal:
      best === undefined || model === undefined || best.quality === null
        ? null
        : {
            tier: best.tier,
            model,
            quality: best.quality,
            monthlySavingNanoUsd: ((question.now.costNanoUsd ?? 0n) - (model.costNanoUsd ?? 0n)) * BigInt(question.monthlyCalls),
          },
    judged,
  };
}
