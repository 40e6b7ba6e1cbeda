import { AiCoreError, isProviderName, type Interval, meanInterval } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';
import type { NamedModel } from './evaluations.ts';

export interface NewExperiment {
  readonly name: string;
  /** Empty = all. */
  readonly requestTypes: readonly string[];
  readonly control: NamedModel;
  readonly candidate: NamedModel;
  /** Of the prompts, 1 to 99 percent. */
  readonly candidateShare: number;
  readonly simulated: boolean;
  readonly by: string;
}

const START: Statement = {
  name: 'experiment_start',
  text: `insert into ai_experiment (name, kind, request_types, simulated, control_provider, control_model, candidate_provider, candidate_model, candidate_share, requested_by)
    select $1, 'ab', $2::text[], $3, $4, $5, $6, $7, $8, $9 where 2 = (select count(*) from ai_provider_config
      where kind = 'text' and is_active and ((provider = $4 and model_name = $5) or (provider = $6 and model_name = $7)))
    on conflict (name) do nothing returning id`,
};

/**
 * Begins to divide the prompts of some request types between two models, by their hash.
 * @throws REQUEST_INVALID when the name was used before, or a model is not an active text configuration
 */
export async function startExperiment(database: Database, experiment: NewExperiment): Promise<void> {
  const { name, control, candidate, candidateShare, by } = experiment;
  if (!Number.isInteger(candidateShare) || candidateShare < 1 || candidateShare > 99) {
    throw new AiCoreError('REQUEST_INVALID', 'the share of an experiment is a whole number from 1 to 99 percent');
  }
  const unknown = [control, candidate].find(({ provider }) => !isProviderName(provider));
  if (unknown !== undefined) throw new AiCoreError('REQUEST_INVALID', `there is no provider ${unknown.provider}`);
  const rows = await database.query(START, [
    name,
    experiment.requestTypes,
    experiment.simulated,
    control.provider,
    control.model,
    candidate.provider,
    candidate.model,
    candidateShare,
    by,
  ]);
  if (rows.length === 0) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `an experiment takes a name of its own and two models with active text configurations; one of this is not so for ${name}`,
    );
  }
  await recordChange(database, { actor: by, action: 'experiment.started', subject: name, after: { control, candidate, candidateShare } });
}

const STOP: Statement = {
  name: 'experiment_stop',
  text: `update ai_experiment set state = 'stopped', finished_at = clock_timestamp(), updated_at = clock_timestamp()
    where name = $1 and kind = 'ab' and state = 'running' returning id`,
};

/** @throws NOT_FOUND when no experiment of this name runs */
export async function stopExperiment(database: Database, name: string, by: string): Promise<void> {
  const rows = await database.query(STOP, [name]);
  if (rows.length === 0) throw new AiCoreError('NOT_FOUND', `no experiment ${name} runs`);
  await recordChange(database, { actor: by, action: 'experiment.stopped', subject: name });
}

export interface ArmReport extends NamedModel {
  readonly answers: number;
  readonly failures: number;
  /** Of ratings, judges and people, 0 to 1; null = nobody has judged an answer. */
  readonly quality: Interval | null;
  readonly scores: number;
  readonly costNanoUsd: string;
  readonly costPerAnswerNanoUsd: string;
  readonly averageLatencyMs: number;
  readonly p95LatencyMs: number;
}

export interface ExperimentReport {
  readonly name: string;
  readonly state: string;
  readonly requestTypes: readonly string[];
  readonly candidateShare: number;
  readonly control: ArmReport;
  readonly candidate: ArmReport;
  /** What the candidate's answers would have cost more with the control; negative = they were dearer. */
  readonly savedNanoUsd: string;
}

interface Row {
  name: string;
  state: string;
  request_types: string[];
  candidate_share: number;
  control_provider: string;
  control_model: string;
  candidate_provider: string;
  candidate_model: string;
}
interface ArmRow {
  answers: number;
  failures: number;
  scores: number;
  mean: number;
  variance: number;
  cost: string;
  average: number;
  p95: number;
}

const FIND: Statement = { name: 'experiment_find', text: `select * from ai_experiment where name = $1 and kind = 'ab'` };
// What an arm bought by itself; what it answered for the other arm's failures does not count, nor what a person pinned.
const ARM: Statement = {
  name: 'experiment_arm',
  text: `select count(*) filter (where not failed)::integer as answers, count(*) filter (where failed)::integer as failures, count(score)::integer as scores,
      coalesce(avg(score), 0)::float8 as mean, coalesce(var_samp(score), 0)::float8 as variance, coalesce(sum(cost), 0)::text as cost,
      coalesce(avg(latency), 0)::float8 as average, coalesce(percentile_disc(0.95) within group (order by latency), 0)::float8 as p95
    from (select a.error_code is not null as failed, coalesce(a.cost_nano_usd, 0) as cost, m.latency_ms as latency,
        (select avg(x.score) from (select m.user_rating / 5 as score where m.rating_count > 0
          union all select s.score from ai_answer_score s where s.memory_item = m.id) x) as score
      from ai_experiment e join ai_attempt a on a.started_at >= e.started_at and a.started_at <= coalesce(e.finished_at, 'infinity') and a.simulated = e.simulated
      join ai_job j on j.id = a.job_id left join ai_memory m on m.id = a.id
      where e.name = $1 and a.provider = $2 and a.model = $3 and a.state <> 'reserved' and j.selection_mode = 'auto'
        and (cardinality(e.request_types) = 0 or j.request_type = any(e.request_types))
        and not exists (select from ai_attempt o where o.job_id = a.job_id and (o.provider, o.model) <> (a.provider, a.model))) served`,
};

async function readArm(database: Database, name: string, { provider, model }: NamedModel): Promise<ArmReport> {
  const [row] = await database.query<ArmRow>(ARM, [name, provider, model]);
  const { answers = 0, failures = 0, scores = 0, mean = 0, variance = 0, cost = '0', average = 0, p95 = 0 } = row ?? {};
  return {
    provider,
    model,
    answers,
    failures,
    quality: scores === 0 ? null : meanInterval({ count: scores, mean, variance }),
    scores,
    costNanoUsd: cost,
    costPerAnswerNanoUsd: String(answers === 0 ? 0n : BigInt(cost) / BigInt(answers)),
    averageLatencyMs: Math.round(average),
    p95LatencyMs: p95,
  };
}

/**
 * How both models did on their prompts: quality, cost, latency, savings. Attempts count as long as their jobs are kept.
 * @throws NOT_FOUND
 */
export async function reportExperiment(database: Database, name: string): Promise<ExperimentReport> {
  const [row] = await database.query<Row>(FIND, [name]);
  if (row === undefined) throw new AiCoreError('NOT_FOUND', `there is no experiment ${name}`);
  const control = await readArm(database, name, { provider: row.control_provider, model: row.control_model });
  const candidate = await readArm(database, name, { provider: row.candidate_provider, model: row.candidate_model });
  const saved = (BigInt(control.costPerAnswerNanoUsd) - BigInt(candidate.costPerAnswerNanoUsd)) * BigInt(candidate.answers);
  return {
    name,
    state: row.state,
    requestTypes: row.request_types,
    candidateShare: row.candidate_share,
    control,
    candidate,
    savedNanoUsd: String(saved),
  };
}
