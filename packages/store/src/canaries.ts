/** Watching an own model that shares the traffic: what it and its control have served, what was seen, what follows. */
import type { ScoreSummary, ServedRequest } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import { OWN_PROVIDER, SET_OWN_CONFIG } from './own-models.ts';

export interface CanarySettings {
  /** The candidate's scores between two looks. */
  readonly scoresPerLook: number;
}

/** An experiment as it stands in its row. */
export interface Canary {
  readonly id: string;
  readonly candidate_model: string;
  readonly control_provider: string;
  readonly control_model: string;
  readonly candidate_share: number;
  readonly simulated: boolean;
  readonly stage_started_at: string;
  readonly settings: CanarySettings & { readonly previous: string | null };
  readonly looks: readonly { readonly stage: string; readonly look: number }[];
  /** The control's scores when it still served. */
  readonly baseline: ScoreSummary | null;
}

const RUNNING: Statement = {
  name: 'canaries_running',
  text: `select to_jsonb(e) || jsonb_build_object('stage_started_at', e.stage_started_at::text) as canary from ai_experiment e where kind = 'canary' and state = 'running'`,
};

/** The models that are watched at the moment, at most one of real and one of emulated traffic. */
export async function listCanaries(database: Database): Promise<Canary[]> {
  const rows = await database.query<{ canary: Canary }>(RUNNING);
  return rows.map(({ canary }) => canary);
}

// What a caller cancelled, and what a person pinned, says nothing about how the model does in traffic.
const SERVED = `select coalesce(a.error_code is not null, false) as failed,
    coalesce(m.latency_ms, extract(epoch from a.finished_at - a.started_at) * 1000)::float8 as "latencyMs",
    case when a.error_code is not null then 0
      else (select avg(x.score)::float8 from (select m.user_rating / 5 as score where m.rating_count > 0
        union all select s.score from ai_answer_score s where s.memory_item = m.id) x) end as score
  from ai_attempt a left join ai_memory m on m.id = a.id left join ai_job j on j.id = a.job_id
  where a.provider = $1 and a.model = $2 and a.simulated = $3 and a.started_at >= $4::timestamptz and a.state <> 'reserved'
    and coalesce(a.error_code, '') <> 'JOB_CANCELLED' and coalesce(j.selection_mode, 'auto') = 'auto'`;

const CANDIDATE: Statement = { name: 'canary_candidate', text: `${SERVED} order by a.started_at, a.id limit 20000` };
const CONTROL: Statement = {
  name: 'canary_control',
  text: `select count(score)::integer as count, coalesce(avg(score), 0)::float8 as mean, coalesce(var_samp(score), 0)::float8 as variance
    from (${SERVED} and not exists (select from ai_attempt o where o.job_id = a.job_id and o.provider = '${OWN_PROVIDER}' and o.model = $5)
      order by a.started_at desc limit 20000) served`,
};

/** What the candidate has served in this stage, oldest first, and how the control did meanwhile. */
export async function readServed(
  database: Database,
  canary: Canary,
): Promise<{ readonly candidate: ServedRequest[]; readonly control: ScoreSummary }> {
  const { candidate_model: version, simulated, stage_started_at: since } = canary;
  const candidate = await database.query<ServedRequest>(CANDIDATE, [OWN_PROVIDER, version, simulated, since]);
  if (canary.baseline !== null) return { candidate, control: canary.baseline };
  const [control] = await database.query<ScoreSummary>(CONTROL, [canary.control_provider, canary.control_model, simulated, since, version]);
  return { candidate, control: control ?? { count: 0, mean: 0, variance: 0 } };
}

export interface CanaryStep {
  readonly canary: Canary;
  /** A look that was taken. */
  readonly look: object | null;
  /** The share from now on; undefined = as it is. A new share, also the same one, begins a new stage. */
  readonly share?: number | undefined;
  readonly baseline?: ScoreSummary | undefined;
  readonly because: string;
}

/** Writes down a look, and the next stage where one begins. */
export async function writeCanaryStep(database: Database, { canary, look, share, baseline, because }: CanaryStep): Promise<void> {
  const { id, candidate_model: version } = canary;
  await database.transaction(async (client) => {
    const { rows } = await client.query(
      `update ai_experiment set looks = looks || $2::jsonb, candidate_share = coalesce($3, candidate_share), baseline = coalesce($4::jsonb, baseline),
         stage_started_at = case when $3::integer is null then stage_started_at else clock_timestamp() end, decided_because = $5, updated_at = clock_timestamp()
       where id = $1 and state = 'running' and stage_started_at = $6::timestamptz returning id`,
      [
        id,
        JSON.stringify(look === null ? [] : [look]),
        share ?? null,
        baseline === undefined ? null : JSON.stringify(baseline),
        because,
        canary.stage_started_at,
      ],
    );
    if (rows.length === 0 || share === undefined) return;
    await client.query(SET_OWN_CONFIG, [version, true, share >= 100 ? null : share, null]);
    if (share >= 100 && canary.settings.previous !== null) await client.query(SET_OWN_CONFIG, [canary.settings.previous, false, 0, null]);
  });
}

const UNJUDGED: Statement = {
  name: 'canary_unjudged',
  text: `select m.id, m.prompt_text as prompt, m.generated_text as text, m.provider, m.model from ai_memory m
    where m.simulated = $1 and m.kind = 'text' and m.created_at >= $2::timestamptz and ((m.provider = '${OWN_PROVIDER}' and m.model = $3) or (m.provider = $4 and m.model = $5))
      and m.request_type <> 'judge' and m.scope = 'shared' and ('x' || substr(md5(m.prompt_hash), 1, 8))::bit(32)::bigint % 100 < $6
      and not exists (select from ai_answer_score s where s.memory_item = m.id and s.source = 'judge') order by m.created_at limit $7`,
};

export interface UnjudgedAnswer {
  readonly id: string;
  readonly prompt: string;
  readonly text: string;
}

/** Answers of both models of a canary that a judge has not seen, in the share of prompts that is judged. */
export async function listUnjudged(
  database: Database,
  { canary, sharePercent, limit }: { readonly canary: Canary; readonly sharePercent: number; readonly limit: number },
): Promise<UnjudgedAnswer[]> {
  return database.query<UnjudgedAnswer>(UNJUDGED, [
    canary.simulated,
    canary.stage_started_at,
    canary.candidate_model,
    canary.control_provider,
    canary.control_model,
    sharePercent,
    limit,
  ]);
}

const SCORE: Statement = {
  name: 'answer_score',
  text: `insert into ai_answer_score (memory_item, source, score, scored_by) values ($1, $2, $3, $4)
    on conflict (memory_item, source) do update set score = excluded.score, scored_by = excluded.scored_by`,
};

/** Writes down how good an answer is. @param score 0 to 1 */
export async function scoreAnswer(
  database: Database,
  {
    memoryId,
    source,
    score,
    by,
  }: { readonly memoryId: string; readonly source: 'judge' | 'human'; readonly score: number; readonly by: string },
): Promise<void> {
  await database.query(SCORE, [memoryId, source, score, by]);
}
