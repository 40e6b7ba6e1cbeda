/**
 * One test that may be looked at while its data comes in, without the error growing with every look: a group-sequential test with fixed
 * looks and constant boundaries (Pocock, "Group sequential methods in the design and analysis of clinical trials", 1977).
 */
import { varianceOfMean, type ScoreSummary } from './intervals.ts';

/** How many looks a test has. The boundaries below are for this number. */
export const LOOKS = 5;

/** Error rate of one side over all looks, and the standard normal value that a look has to pass for it (by numerical integration). */
export const BOUNDARIES = {
  /** For a decision that is taken once. */
  once: { error: 0.025, z: 2.415 },
  /** For a watch that never ends: one false alarm in a thousand rounds. */
  watch: { error: 0.001, z: 3.461 },
} as const satisfies Record<string, { error: number; z: number }>;

export type Boundary = keyof typeof BOUNDARIES;

export interface SequentialPlan {
  readonly boundary: Boundary;
  /** The candidate's scores at the first look; every further look is after as many more. */
  readonly scoresPerLook: number;
  /** How much worse than the control the candidate may be, in mean score, 0 to 1. */
  readonly margin: number;
}

export type SequentialVerdict = 'continue' | 'worse' | 'as_good';

export interface Look {
  readonly look: number;
  readonly candidate: ScoreSummary;
  readonly control: ScoreSummary;
  /** Candidate minus control. */
  readonly difference: number;
  /** Difference in its standard errors. */
  readonly z: number;
  readonly verdict: SequentialVerdict;
}

/**
 * Stated errors of a plan with the boundary `once`, over all looks: an equal candidate is called worse, and one that is worse by the whole
 * margin is called as good, each in at most 5 % of the tests, as long as a look has at least 200 scores.
 */
export const STATED_ERROR = 0.05;

/** The last look that `count` scores of the candidate allow, from 1 up to LOOKS; 0 = none yet. */
export function lookAt(count: number, { scoresPerLook }: SequentialPlan): number {
  return Math.min(LOOKS, Math.floor(count / scoresPerLook));
}

/**
 * Takes one look.
 * - worse: the candidate is below the control beyond the boundary.
 * - as_good: it is above the control minus the margin beyond the boundary.
 * - At the last look one of both is said in any case: as_good when the difference is smaller than half the margin.
 */
export function takeLook(plan: SequentialPlan, scores: { readonly candidate: ScoreSummary; readonly control: ScoreSummary }): Look {
  const { candidate, control } = scores;
  const look = lookAt(candidate.count, plan);
  const difference = candidate.mean - control.mean;
  const error = Math.sqrt(varianceOfMean(candidate) + varianceOfMean(control));
  const z = error === 0 ? 0 : difference / error;
  const bound = BOUNDARIES[plan.boundary].z;
  const base = { look, candidate, control, difference, z };
  if (look === 0) return { ...base, verdict: 'continue' };
  if (z <= -bound) return { ...base, verdict: 'worse' };
  if ((difference + plan.margin) / error >= bound) return { ...base, verdict: 'as_good' };
  if (look < LOOKS) return { ...base, verdict: 'continue' };
  return { ...base, verdict: difference > -plan.margin / 2 ? 'as_good' : 'worse' };
}
