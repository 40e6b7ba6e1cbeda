import { AiCoreError, type ScoreSummary, type ServedRequest } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

const OWN = 'local_small_model';
/** What deploying decides; a catalogue that knows the version too leaves it alone. */
const OURS = '{isActive,isDefault,tier,qualityScore,capabilities,costPerMillionTokens}';

export interface OwnModel {
  readonly version: string;
  /** null = the local server. */
  readonly servedBy: { readonly provider: string; readonly model: string } | null;
  /** Per million tokens; null = not known. */
  readonly inputNanoUsd: bigint | null;
  readonly outputNanoUsd: bigint | null;
  readonly cachedInputNanoUsd: bigint | null;
  readonly source: string;
}

const REGISTER: Statement = {
  name: 'own_model_register',
  text: `with config as (
      insert into ai_provider_config (provider, model_name, kind, tier, cost_per_million_tokens, quality_score, is_active, is_default, traffic_share,
        capabilities, admin_edited)
      values ('${OWN}', $1, 'text', 'cheap', round((coalesce($3, 0) * 3 + coalesce($4, 0)) / 4.0 / 1000000000, 9), 0.7, true, false, 0,
        jsonb_build_object('streaming', true, 'temperature', true, 'json', true) || case when $2::jsonb is null then '{}'::jsonb else jsonb_build_object('servedBy', $2::jsonb) end,
        '${OURS}')
      on conflict (provider, model_name, kind) do update set
        capabilities = ai_provider_config.capabilities || case when $2::jsonb is null then '{}'::jsonb else jsonb_build_object('servedBy', $2::jsonb) end,
        traffic_share = case when ai_provider_config.is_default then ai_provider_config.traffic_share else 0 end,
        admin_edited = array(select distinct unnest(ai_provider_config.admin_edited || '${OURS}'::text[])), updated_at = clock_timestamp()
      returning id)
    insert into ai_price (provider, model_name, effective_from, input_nano_usd, output_nano_usd, cached_input_nano_usd, source)
    select '${OWN}', $1, '2024-01-01', $3, $4, $5, $6 from config where $3::bigint is not null
    on conflict do nothing`,
};

/** Makes a model known: it can be asked by name, and takes no traffic of its own. Its price is written once. */
export async function registerOwnModel(database: Database, model: OwnModel): Promise<void> {
  await database.query(REGISTER, [
    model.version,
    model.servedBy === null ? null : JSON.stringify(model.servedBy),
    model.inputNanoUsd,
    model.outputNanoUsd,
    model.cachedInputNanoUsd,
    model.source,
  ]);
}

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

export interface Deployment {
  readonly version: string;
  /** Percent of the traffic. */
  readonly share: number;
  readonly tier: 'cheap' | 'normal' | 'premium';
  /** Which model it is compared with while both serve, where no own model is active. */
  readonly against: { readonly provider: string; readonly model: string };
  readonly scoresPerLook: number;
  readonly by: string;
}

const SET_CONFIG = `update ai_provider_config set is_active = true, is_default = $2, traffic_share = $3, tier = coalesce($4, tier), updated_at = clock_timestamp()
  where provider = '${OWN}' and model_name = $1 and kind = 'text'`;

/**
 * Gives a trained model a share of the traffic of its tier and begins to watch it. The own model that served until now goes on with the
 * rest, and is what the new one is compared with.
 * @returns the version that was active before, null = none
 * @throws NOT_FOUND without a finished training run of this version, REQUEST_INVALID when it is deployed already
 */
export async function deployOwnModel(database: Database, deployment: Deployment): Promise<{ readonly previous: string | null }> {
  const { version, share, tier, by } = deployment;
  const previous = await database.transaction(async (client) => {
    const { rows: runs } = await client.query<{ status: string; simulated: boolean }>(
      `select status, simulated from ai_model_training_run where model_version = $1 for update`,
      [version],
    );
    const run = runs[0];
    if (run === undefined) throw new AiCoreError('NOT_FOUND', `no training run has made the version ${version}`);
    if (run.status === 'deployed') throw new AiCoreError('REQUEST_INVALID', `${version} is deployed already; roll it back first`);
    if (!['completed', 'rolled_back'].includes(run.status)) {
      throw new AiCoreError('REQUEST_INVALID', `the training run of ${version} is ${run.status}; only a finished model can be deployed`);
    }
    const { rows: active } = await client.query<{ model_version: string }>(
      'select model_version from ai_model_training_run where is_active and simulated = $1 for update',
      [run.simulated],
    );
    const before = active[0]?.model_version ?? null;
    await client.query(
      `update ai_experiment set state = 'stopped', decided_because = $2, finished_at = clock_timestamp(), updated_at = clock_timestamp()
       where kind = 'canary' and state = 'running' and simulated = $1`,
      [run.simulated, `${version} was deployed`],
    );
    await client.query(
      `update ai_model_training_run set is_active = false, updated_at = clock_timestamp() where is_active and simulated = $1`,
      [run.simulated],
    );
    await client.query(
      `update ai_model_training_run set is_active = true, status = 'deployed', deployed_at = clock_timestamp(), rolled_back_at = null, updated_at = clock_timestamp()
       where model_version = $1`,
      [version],
    );
    await client.query(SET_CONFIG, [version, true, share >= 100 ? null : share, tier]);
    if (before !== null && share >= 100) await client.query(SET_CONFIG, [before, false, 0, null]);
    await client.query(
      `insert into ai_experiment (name, kind, simulated, control_provider, control_model, candidate_provider, candidate_model, candidate_share,
         settings, requested_by, stage_started_at)
       select $1 || ' ' || to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'canary', $2, $3, $4, '${OWN}', $1, $5, $6::jsonb, $7, clock_timestamp()`,
      [
        version,
        run.simulated,
        before === null ? deployment.against.provider : OWN,
        before ?? deployment.against.model,
        share,
        JSON.stringify({ scoresPerLook: deployment.scoresPerLook, previous: before }),
        by,
      ],
    );
    return before;
  });
  await recordChange(database, {
    actor: by,
    action: 'own-model.deployed',
    subject: version,
    before: { active: previous },
    after: { share, tier },
  });
  return { previous };
}

export interface RolledBack {
  readonly version: string;
  /** What serves now; null = models of others. */
  readonly now: string | null;
}

/**
 * Takes the active own model out of service; the one before it serves again.
 * @param because why, for the record
 * @throws NOT_FOUND when none is active
 */
export async function rollBackOwnModel(
  database: Database,
  { simulated, because, by }: { readonly simulated: boolean; readonly because: string; readonly by: string },
): Promise<RolledBack> {
  const result = await database.transaction(async (client): Promise<RolledBack> => {
    const { rows } = await client.query<{ model_version: string }>(
      'select model_version from ai_model_training_run where is_active and simulated = $1 for update',
      [simulated],
    );
    const version = rows[0]?.model_version;
    if (version === undefined) throw new AiCoreError('NOT_FOUND', 'no own model is deployed');
    const { rows: canaries } = await client.query<{ previous: string | null }>(
      `select settings ->> 'previous' as previous from ai_experiment where kind = 'canary' and candidate_model = $1 and simulated = $2
       order by started_at desc limit 1`,
      [version, simulated],
    );
    const now = canaries[0]?.previous ?? null;
    await client.query(
      `update ai_model_training_run set is_active = false, status = 'rolled_back', rolled_back_at = clock_timestamp(), error = $2, updated_at = clock_timestamp()
       where model_version = $1`,
      [version, because],
    );
    await client.query(SET_CONFIG, [version, false, 0, null]);
    await client.query(
      `update ai_experiment set state = 'rolled_back', decision = 'roll_back', decided_because = $3, finished_at = clock_timestamp(), updated_at = clock_timestamp()
       where kind = 'canary' and candidate_model = $1 and simulated = $2 and state in ('running', 'promoted')`,
      [version, simulated, because],
    );
    if (now !== null) {
      await client.query(
        `update ai_model_training_run set is_active = true, status = 'deployed', updated_at = clock_timestamp() where model_version = $1`,
        [now],
      );
      await client.query(SET_CONFIG, [now, true, null, null]);
    }
    return { version, now };
  });
  await recordChange(database, {
    actor: by,
    action: 'own-model.rolled-back',
    subject: result.version,
    after: { because, now: result.now },
  });
  return result;
}

const STALE: Statement = {
  name: 'own_model_stale',
  text: `with marked as (update ai_memory set verdict = 'stale', is_current = false, updated_at = clock_timestamp()
      where provider = '${OWN}' and model = $1 and is_current and verdict = 'none' returning 1) select count(*)::integer as n from marked`,
};

/** Marks what a model has answered as stale, but for what a person has verified: the next request for it is answered anew. @returns how many answers */
export async function markModelAnswersStale(database: Database, version: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(STALE, [version]);
  return row?.n ?? 0;
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
    from (${SERVED} and not exists (select from ai_attempt o where o.job_id = a.job_id and o.provider = '${OWN}' and o.model = $5)
      order by a.started_at desc limit 20000) served`,
};

/** What the candidate has served in this stage, oldest first, and how the control did meanwhile. */
export async function readServed(
  database: Database,
  canary: Canary,
): Promise<{ readonly candidate: ServedRequest[]; readonly control: ScoreSummary }> {
  const { candidate_model: version, simulated, stage_started_at: since } = canary;
  const candidate = await database.query<ServedRequest>(CANDIDATE, [OWN, version, simulated, since]);
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
    await client.query(SET_CONFIG, [version, true, share >= 100 ? null : share, null]);
    if (share >= 100 && canary.settings.previous !== null) await client.query(SET_CONFIG, [canary.settings.previous, false, 0, null]);
  });
}

const UNJUDGED: Statement = {
  name: 'canary_unjudged',
  text: `select m.id, m.prompt_text as prompt, m.generated_text as text, m.provider, m.model from ai_memory m
    where m.simulated = $1 and m.kind = 'text' and m.created_at >= $2::timestamptz and ((m.provider = '${OWN}' and m.model = $3) or (m.provider = $4 and m.model = $5))
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
