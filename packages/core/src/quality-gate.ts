/** Whether a model may serve: thresholds (rows of ai_quality_gate over built-in values) against an evaluation. */
import type { PeopleFigures } from './combine-choices.ts';
import type { Interval } from './intervals.ts';

export interface QualityThresholds {
  /** Fewest examples that an evaluation counts with. */
  readonly minItems: number;
  /** Least share of answers that pass every check of their form, 0 to 1. */
  readonly minCheckRate: number;
  /** How much worse than the incumbent it may be, in mean score, 0 to 1. */
  readonly maxLossOfQuality: number;
  /** Most calls that may fail, 0 to 1. */
  readonly maxFailureShare: number;
  /** Most milliseconds that 95 % of the answers may take. */
  readonly maxP95LatencyMs: number;
}

export type QualityGateRow = { readonly requestType: string } & {
  readonly [Field in keyof QualityThresholds]: QualityThresholds[Field] | null;
};

const BUILT_IN: QualityThresholds = {
  minItems: 20,
  minCheckRate: 0.9,
  maxLossOfQuality: 0.1,
  maxFailureShare: 0.05,
  maxP95LatencyMs: 60_000,
};

/** The row that holds for all request types. */
export const ANY_REQUEST_TYPE = '*';

/** Thresholds of a request type: its own row, then the row for all, then the built-in value. */
export function resolveThresholds(rows: readonly QualityGateRow[], requestType = ANY_REQUEST_TYPE): QualityThresholds {
  const own = rows.find((row) => row.requestType === requestType);
  const all = rows.find((row) => row.requestType === ANY_REQUEST_TYPE);
  const pick = (field: keyof QualityThresholds): number => own?.[field] ?? all?.[field] ?? BUILT_IN[field];
  return {
    minItems: pick('minItems'),
    minCheckRate: pick('minCheckRate'),
    maxLossOfQuality: pick('maxLossOfQuality'),
    maxFailureShare: pick('maxFailureShare'),
    maxP95LatencyMs: pick('maxP95LatencyMs'),
  };
}

/** What an evaluation found out about one model. */
export interface ModelFigures {
  readonly answered: number;
  readonly failed: number;
  /** Share of answers that pass every check. */
  readonly checkRate: Interval;
  readonly p95LatencyMs: number;
  readonly costNanoUsd: string;
}

export interface EvaluationFigures {
  readonly items: number;
  readonly candidate: ModelFigures;
  readonly against: ModelFigures;
  /** Mean of 1 for a win of the candidate, 0.5 for a tie, 0 for a loss; a failed call is a loss. By people where they have chosen, else by the judge. */
  readonly preference: Interval;
  /** What people have said, who chose blind; null or absent = nothing yet. */
  readonly people?: PeopleFigures | null | undefined;
}

export interface GateDecision {
  readonly gate: 'passed' | 'refused';
  /** Why it was refused, one sentence each; empty when it passed. */
  readonly reasons: readonly string[];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/**
 * Decides whether a candidate may take traffic. Quality counts with the lower end of its interval: a model that was compared too little to
 * be told from a bad one is refused.
 */
export function decideGate(figures: EvaluationFigures, limits: QualityThresholds): GateDecision {
  const { candidate, preference, items } = figures;
  const failures = candidate.failed / Math.max(1, candidate.failed + candidate.answered);
  const least = 0.5 - limits.maxLossOfQuality;
  const reasons = [
    ...(items < limits.minItems ? [`only ${items} examples were compared; at least ${limits.minItems} are needed`] : []),
    ...(failures > limits.maxFailureShare
      ? [`${percent(failures)} of its calls failed; at most ${percent(limits.maxFailureShare)} may`]
      : []),
    ...(candidate.checkRate.estimate < limits.minCheckRate
      ? [`${percent(candidate.checkRate.estimate)} of its answers pass the checks; at least ${percent(limits.minCheckRate)} must`]
      : []),
    ...(preference.low < least
      ? [
          `compared with the other model it scores ${preference.estimate.toFixed(3)}, at least ${preference.low.toFixed(3)}; ${least.toFixed(3)} is needed`,
        ]
      : []),
    ...(candidate.p95LatencyMs > limits.maxP95LatencyMs
      ? [`95 % of its answers take up to ${Math.round(candidate.p95LatencyMs)} ms; at most ${limits.maxP95LatencyMs} ms are allowed`]
      : []),
  ];
  return { gate: reasons.length === 0 ? 'passed' : 'refused', reasons };
}
