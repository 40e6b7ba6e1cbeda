import { AiCoreError } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

/** The provider every own model belongs to. */
export const OWN_PROVIDER = 'local_small_model';
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
      values ('${OWN_PROVIDER}', $1, 'text', 'cheap', round((coalesce($3, 0) * 3 + coalesce($4, 0)) / 4.0 / 1000000000, 9), 0.7, true, false, 0,
        jsonb_build_object('streaming', true, 'temperature', true, 'json', true) || case when $2::jsonb is null then '{}'::jsonb else jsonb_build_object('servedBy', $2::jsonb) end,
        '${OURS}')
      on conflict (provider, model_name, kind) do update set
        capabilities = ai_provider_config.capabilities || case when $2::jsonb is null then '{}'::jsonb else jsonb_build_object('servedBy', $2::jsonb) end,
        traffic_share = case when ai_provider_config.is_default then ai_provider_config.traffic_share else 0 end,
        admin_edited = array(select distinct unnest(ai_provider_config.admin_edited || '${OURS}'::text[])), updated_at = clock_timestamp()
      returning id)
    insert into ai_price (provider, model_name, effective_from, input_nano_usd, output_nano_usd, cached_input_nano_usd, source)
    select '${OWN_PROVIDER}', $1, '2024-01-01', $3, $4, $5, $6 from config where $3::bigint is not null
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

/** Parameters: version, is it the default, its share of the traffic (null = all), its tier (null = as it is). */
export const SET_OWN_CONFIG = `update ai_provider_config set is_active = true, is_default = $2, traffic_share = $3, tier = coalesce($4, tier), updated_at = clock_timestamp()
  where provider = '${OWN_PROVIDER}' and model_name = $1 and kind = 'text'`;

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
    await client.query(SET_OWN_CONFIG, [version, true, share >= 100 ? null : share, tier]);
    if (before !== null && share >= 100) await client.query(SET_OWN_CONFIG, [before, false, 0, null]);
    await client.query(
      `insert into ai_experiment (name, kind, simulated, control_provider, control_model, candidate_provider, candidate_model, candidate_share,
         settings, requested_by, stage_started_at)
       select $1 || ' ' || to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'canary', $2, $3, $4, '${OWN_PROVIDER}', $1, $5, $6::jsonb, $7, clock_timestamp()`,
      [
        version,
        run.simulated,
        before === null ? deployment.against.provider : OWN_PROVIDER,
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
    await client.query(SET_OWN_CONFIG, [version, false, 0, null]);
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
      await client.query(SET_OWN_CONFIG, [now, true, null, null]);
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
      where provider = '${OWN_PROVIDER}' and model = $1 and is_current and verdict = 'none' returning 1) select count(*)::integer as n from marked`,
};

/** Marks what a model has answered as stale, but for what a person has verified: the next request for it is answered anew. @returns how many answers */
export async function markModelAnswersStale(database: Database, version: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(STALE, [version]);
  return row?.n ?? 0;
}
