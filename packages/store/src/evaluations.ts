import type { AnswerCheck, EvaluationFigures, Json, QualityGateRow } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

export interface NamedModel {
  readonly provider: string;
  readonly model: string;
}

/** What one of both models made of an item. */
export interface EvaluatedAnswer {
  readonly text: string | null;
  readonly failedChecks: readonly AnswerCheck[];
  readonly exact: boolean;
  readonly latencyMs: number | null;
  readonly costNanoUsd: bigint | null;
  readonly error: string | null;
}

export interface EvaluationItem {
  readonly place: number;
  readonly source: 'validation' | 'recent';
  readonly requestType: string;
  readonly question: { readonly prompt: string; readonly options: Readonly<Record<string, Json>> };
  readonly reference: string | null;
  readonly candidate: EvaluatedAnswer;
  readonly against: EvaluatedAnswer;
  readonly judged: 'candidate' | 'against' | 'tie';
}

export interface NewEvaluation {
  readonly version: string;
  readonly candidate: NamedModel;
  readonly against: NamedModel;
  readonly simulated: boolean;
  readonly settings: Readonly<Record<string, Json>>;
  readonly requestedBy: string;
}

const BEGIN: Statement = {
  name: 'evaluation_begin',
  text: `insert into ai_evaluation (model_version, candidate_provider, candidate_model, against_provider, against_model, simulated, state, settings,
      requested_by, started_at) values ($1, $2, $3, $4, $5, $6, 'running', $7::jsonb, $8, clock_timestamp()) returning id`,
};

/** @returns the evaluation's id */
export async function beginEvaluation(database: Database, evaluation: NewEvaluation): Promise<string> {
  const { candidate, against } = evaluation;
  const [row] = await database.query<{ id: string }>(BEGIN, [
    evaluation.version,
    candidate.provider,
    candidate.model,
    against.provider,
    against.model,
    evaluation.simulated,
    JSON.stringify(evaluation.settings),
    evaluation.requestedBy,
  ]);
  return row?.id ?? '';
}

const ITEM: Statement = {
  name: 'evaluation_item',
  text: `insert into ai_evaluation_item (evaluation_id, place, source, request_type, question, reference_text, candidate_text, against_text,
      candidate_checks, against_checks, candidate_latency_ms, against_latency_ms, candidate_cost_nano_usd, against_cost_nano_usd, candidate_error,
      against_error, judged)
    values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12, $13, $14, $15, $16, $17)`,
};

export async function writeEvaluationItem(database: Database, evaluationId: string, item: EvaluationItem): Promise<void> {
  const { candidate, against } = item;
  const checks = ({ exact, failedChecks }: EvaluatedAnswer): string => JSON.stringify({ exact, failed: failedChecks });
  await database.query(ITEM, [
    evaluationId,
    item.place,
    item.source,
    item.requestType,
    JSON.stringify(item.question),
    item.reference,
    candidate.text,
    against.text,
    checks(candidate),
    checks(against),
    candidate.latencyMs,
    against.latencyMs,
    candidate.costNanoUsd,
    against.costNanoUsd,
    candidate.error,
    against.error,
    item.judged,
  ]);
}

export interface EvaluationOutcome {
  readonly report: (EvaluationFigures & { readonly reasons: readonly string[] }) | null;
  readonly gate: 'passed' | 'refused' | null;
  /** Why it did not come to an end. */
  readonly error: string | null;
}

const END: Statement = {
  name: 'evaluation_end',
  text: `update ai_evaluation set state = case when $4::text is null then 'done' else 'failed' end, lease_until = null, gate = $2, report = $3::jsonb, error = $4,
      finished_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1`,
};
/** Parameter: the evaluation. What the other model reached becomes the run's baseline. */
export const EVALUATION_BASELINE: Statement = {
  name: 'evaluation_baseline',
  text: `update ai_model_training_run r set baseline = jsonb_build_object('provider', e.against_provider, 'model', e.against_model,
      'figures', e.report -> 'against', 'preference', e.report -> 'preference'), updated_at = clock_timestamp()
    from ai_evaluation e where e.id = $1 and r.model_version = e.model_version and e.state = 'done'`,
};

/** Ends an evaluation; what the other model reached becomes the run's baseline. */
export async function endEvaluation(database: Database, evaluationId: string, { gate, report, error }: EvaluationOutcome): Promise<void> {
  await database.query(END, [evaluationId, gate, report === null ? null : JSON.stringify(report), error]);
  await database.query(EVALUATION_BASELINE, [evaluationId]);
}

export interface EvaluationSummary {
  readonly id: string;
  readonly version: string;
  readonly against: NamedModel;
  readonly state: string;
  readonly gate: 'passed' | 'refused' | null;
  readonly report: EvaluationOutcome['report'];
  readonly error: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

const LIST: Statement = {
  name: 'evaluation_list',
  text: `select jsonb_build_object('id', id, 'version', model_version, 'against', jsonb_build_object('provider', against_provider, 'model', against_model),
      'state', state, 'gate', gate, 'report', report, 'error', error, 'startedAt', started_at, 'finishedAt', finished_at) as evaluation
    from ai_evaluation where ($1::text is null or model_version = $1) order by created_at desc limit $2`,
};

/** Newest first. @param version null = of every model */
export async function listEvaluations(database: Database, version: string | null, limit = 20): Promise<EvaluationSummary[]> {
  const rows = await database.query<{ evaluation: EvaluationSummary }>(LIST, [version, limit]);
  return rows.map(({ evaluation }) => evaluation);
}

const GATES: Statement = {
  name: 'quality_gates',
  text: `select request_type as "requestType", min_items as "minItems", min_check_rate::float8 as "minCheckRate",
      max_loss_of_quality::float8 as "maxLossOfQuality", max_failure_share::float8 as "maxFailureShare", max_p95_latency_ms as "maxP95LatencyMs" from ai_quality_gate`,
};

/** The thresholds that somebody has set. */
export async function listQualityGates(database: Database): Promise<QualityGateRow[]> {
  return database.query<QualityGateRow>(GATES);
}

export interface ReplayPrompt {
  readonly requestType: string;
  readonly prompt: string;
  readonly options: Readonly<Record<string, Json>>;
  /** The answer people found good; null for prompts of everyday traffic. */
  readonly reference: string | null;
}

const VALIDATION: Statement = {
  name: 'replay_validation',
  text: `select m.request_type as "requestType", m.prompt_text as prompt, m.prompt_options as options, m.generated_text as reference
    from ai_training_data t join ai_memory m on m.id = t.memory_item
    where t.split = 'validation' and t.human_verified and m.simulated = $1 and m.scope = 'shared' and m.kind = 'text'
    order by t.prompt_key, t.example_key limit $2`,
};
const RECENT: Statement = {
  name: 'replay_recent',
  text: `select distinct on (m.created_at, m.id) m.request_type as "requestType", m.prompt_text as prompt, m.prompt_options as options, null::text as reference
    from ai_memory m where m.simulated = $1 and m.scope = 'shared' and m.kind = 'text' and m.request_type <> 'judge' and m.is_current
      and not exists (select from ai_training_data t where t.memory_item = m.id)
      and m.prompt_text not like '%{{context:%'
    order by m.created_at desc, m.id limit $2`,
};

/** Verified examples that no training has seen. */
export function listValidationPrompts(database: Database, simulated: boolean, limit: number): Promise<ReplayPrompt[]> {
  return database.query<ReplayPrompt>(VALIDATION, [simulated, limit]);
}

/** What was asked lately, newest first, and is no training example. */
export function listRecentPrompts(database: Database, simulated: boolean, limit: number): Promise<ReplayPrompt[]> {
  return database.query<ReplayPrompt>(RECENT, [simulated, limit]);
}
