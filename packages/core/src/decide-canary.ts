/** What becomes of a model in canary: it goes on, gets more of the traffic, or is rolled back. */
import { percentile, summariseScores, type ScoreSummary } from './intervals.ts';
import type { QualityThresholds } from './quality-gate.ts';
import { lookAt, takeLook, type Look, type SequentialPlan } from './sequential-test.ts';

/** Shares of the traffic a deployed model goes through, in percent. The first may be another one. */
export const CANARY_SHARES = [10, 50, 100] as const;

export interface ServedRequest {
  /** 0 to 1: a failed call is 0, else the mean of what users, people and the judge gave; null = nobody has judged it. */
  readonly score: number | null;
  readonly failed: boolean;
  readonly latencyMs: number;
}

export interface CanaryState {
  /** Of the traffic, in percent. */
  readonly share: number;
  /** Answers of the candidate in this stage, oldest first. */
  readonly candidate: readonly ServedRequest[];
  /** Scores of the control; at 100 % those it had when it still served. */
  readonly control: ScoreSummary;
  readonly limits: QualityThresholds;
  /** The candidate's scores between two looks. */
  readonly scoresPerLook: number;
  /** Looks of this stage that were taken already: the next one waits for its scores. */
  readonly looksTaken: number;
}

export interface CanaryDecision {
  readonly action: 'continue' | 'promote' | 'roll_back' | 'new_round';
  readonly because: string;
  /** The look that was taken; null when it did not come to one. */
  readonly look: Look | null;
}

/** So many last calls tell a server that is down from one that fails now and then. */
const DOWN = { calls: 10, failed: 8 } as const;
/** Fewest answers that a percentile of latency means something for. */
const LATENCY_FROM = 50;

/** The next share after this one; undefined when it has all the traffic. */
export function nextShare(share: number): number | undefined {
  return CANARY_SHARES.find((candidate) => candidate > share);
}

export function scoresOf(requests: readonly ServedRequest[]): number[] {
  return requests.flatMap(({ score }) => (score === null ? [] : [score]));
}

/**
 * Decides by what has been seen in this stage:
 * 1. a server that is down, or too slow for its latency bound, is rolled back at once;
 * 2. one sequential test of the scores, whose looks are fixed beforehand and whose errors are stated in sequential-test.ts;
 * 3. at the whole traffic the same test goes on as a watch, round after round, with a far smaller error.
 */
export function decideCanary(state: CanaryState): CanaryDecision {
  const { share, candidate, control, limits } = state;
  const last = candidate.slice(-DOWN.calls);
  const failed = last.filter((request) => request.failed).length;
  if (failed >= DOWN.failed) return { action: 'roll_back', because: `${failed} of its last ${last.length} calls failed`, look: null };
  const answered = candidate.filter((request) => !request.failed).map(({ latencyMs }) => latencyMs);
  if (answered.length >= LATENCY_FROM) {
    const p95Ms = percentile(answered, 0.95);
    if (p95Ms > limits.maxP95LatencyMs) {
      return {
        action: 'roll_back',
        because: `95 % of its answers take up to ${Math.round(p95Ms)} ms; ${limits.maxP95LatencyMs} ms are allowed`,
        look: null,
      };
    }
  }
  const watching = nextShare(share) === undefined;
  const plan: SequentialPlan = {
    boundary: watching ? 'watch' : 'once',
    scoresPerLook: state.scoresPerLook,
    margin: limits.maxLossOfQuality,
  };
  const scores = scoresOf(candidate);
  const due = lookAt(scores.length, plan);
  if (due <= state.looksTaken) return { action: 'continue', because: `${scores.length} scores; the next look is not due`, look: null };
  // What came after the number that was fixed beforehand waits for the next look.
  const look = takeLook(plan, { candidate: summariseScores(scores.slice(0, due * plan.scoresPerLook)), control });
  const figures = `${look.candidate.count} scores of ${look.candidate.mean.toFixed(3)} against ${look.control.mean.toFixed(3)}`;
  if (look.verdict === 'worse') return { action: 'roll_back', because: `its quality is below the other model's: ${figures}`, look };
  if (look.verdict === 'continue') return { action: 'continue', because: `not enough to tell: ${figures}`, look };
  return watching
    ? { action: 'new_round', because: `as good as before: ${figures}`, look }
    : { action: 'promote', because: `as good as the other model: ${figures}`, look };
}
