/** Confidence intervals of what is measured on few examples. */

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Standard normal quantile of a two-sided interval of 95 %. */
const Z_95 = 1.959_964;

/** Wilson's interval of a share at 95 % (Wilson 1927): right also near 0 and 1, where the usual one is not. */
export function shareInterval(hits: number, of: number): Interval {
  if (of === 0) return { estimate: 0, low: 0, high: 1 };
  const share = hits / of;
  const z2 = Z_95 ** 2;
  const centre = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z_95 / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of ** 2));
  return { estimate: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Number, mean and variance of scores from 0 to 1. */
export interface ScoreSummary {
  readonly count: number;
  readonly mean: number;
  /** Of single scores, not of the mean. */
  readonly variance: number;
}

export function summariseScores(scores: readonly number[]): ScoreSummary {
  const count = scores.length;
  if (count === 0) return { count, mean: 0, variance: 0 };
  const mean = scores.reduce((sum, score) => sum + score, 0) / count;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { count, mean, variance: count > 1 ? squares / (count - 1) : 0 };
}

/**
 * Variance of a mean. Two scores of each kind are added in thought (half good, half bad), so that a row of equal scores is not taken for
 * certainty (the idea of Agresti and Coull, 1998).
 */
export function varianceOfMean({ count, mean, variance }: ScoreSummary): number {
  const total = count + 4;
  const shifted = (count * mean + 2) / total;
  const squares = (count - 1) * variance + count * (mean - shifted) ** 2 + 2 * shifted ** 2 + 2 * (1 - shifted) ** 2;
  return Math.max(0, squares) / (total - 1) / total;
}

/** Interval of a mean score at 95 %. */
export function meanInterval(scores: ScoreSummary): Interval {
  if (scores.count === 0) return { estimate: 0, low: 0, high: 1 };
  const half = Z_95 * Math.sqrt(varianceOfMean(scores));
  return { estimate: scores.mean, low: Math.max(0, scores.mean - half), high: Math.min(1, scores.mean + half) };
}

/** The value that a share of all does not exceed: percentile(latencies, 0.95). 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
