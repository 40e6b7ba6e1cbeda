/** A training run as the console's API tells it. */
import type { RaRecord } from 'react-admin';

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface ModelFigures {
  readonly answered: number;
  readonly failed: number;
  readonly checkRate: Interval;
  readonly p95LatencyMs: number;
  readonly costNanoUsd: string;
}

export interface EvaluationRow {
  readonly id: string;
  readonly against: { readonly provider: string; readonly model: string };
  readonly state: string;
  readonly gate: string | null;
  readonly error: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly report: {
    readonly items: number;
    readonly candidate: ModelFigures;
    readonly against: ModelFigures;
    readonly preference: Interval;
    readonly people?: { readonly choices: number; readonly preference: Interval; readonly agreement: Interval } | null;
    readonly reasons: readonly string[];
  } | null;
}

export interface CurvePoint {
  readonly step: number;
  readonly training_loss: number | null;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
}

export interface Canary {
  readonly name: string;
  readonly state: string;
  readonly candidateShare: number;
  readonly control: { readonly provider: string; readonly model: string };
  readonly decidedBecause: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface TrainingRunRow extends RaRecord {
  readonly id: string;
  readonly training_batch_id: string;
  readonly base_model: string;
  readonly training_provider: string;
  readonly status: string;
  readonly phase: string;
  readonly is_active: boolean;
  readonly simulated: boolean;
  readonly training_size: number;
  readonly validation_size: number;
  readonly training_cost_nano_usd: string | null;
  readonly training_duration_minutes: number | null;
  readonly trained_tokens: number | null;
  readonly training_loss: number | null;
  readonly validation_loss: number | null;
  readonly validation_accuracy: number | null;
  readonly served_provider: string | null;
  readonly served_model: string | null;
  readonly dataset_sha256: string;
  readonly requested_by: string;
  readonly error: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  readonly deployed_at: string | null;
}

export interface TrainingRunDetail extends TrainingRunRow {
  readonly events: readonly { readonly at: string; readonly message: string }[];
  readonly curve: readonly CurvePoint[];
  readonly evaluations: readonly EvaluationRow[];
  readonly canaries: readonly Canary[];
  readonly manifest: Readonly<Record<string, unknown>> | null;
}

const FIGURE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
export const formatFigure = (value: number | null): string => (value === null ? '–' : FIGURE.format(Number(value)));
export const formatInterval = ({ estimate, low, high }: Interval): string =>
  `${formatFigure(estimate)} (${formatFigure(low)} to ${formatFigure(high)})`;
