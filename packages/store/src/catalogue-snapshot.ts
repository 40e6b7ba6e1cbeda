import type {
  Capabilities,
  Experiment,
  Kind,
  KnownVoice,
  Lifecycle,
  Limits,
  Price,
  ProviderConfig,
  ProviderName,
  Rates,
  Tier,
  UserCategoryPolicy,
} from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** A row of ai_request_type_policy: what an admin has set for one request type; null = the built-in default. */
export interface RequestTypePolicyRow {
  readonly requestType: string;
  readonly tier: Tier | null;
  readonly normalization: 'loose' | 'exact' | null;
  readonly qualityFloor: number | null;
  readonly maxPromptCharacters: number | null;
  readonly maxOutputTokens: number | null;
  readonly expiresAfterDays: number | null;
  readonly timeoutMs: number | null;
  /** What the costs of the type are compared with; null or absent = with the model that answered. */
  readonly incumbent?: { readonly provider: string; readonly model: string } | null;
}

/** Everything a choice of model depends on, read at one moment. */
export interface CatalogueSnapshot {
  readonly configs: readonly ProviderConfig[];
  readonly prices: readonly Price[];
  readonly policies: readonly RequestTypePolicyRow[];
  /** Comparisons of two models in traffic that run. */
  readonly experiments: readonly Experiment[];
  readonly categories: readonly UserCategoryPolicy[];
  /** Voices of our accounts, beside those that every account has. */
  readonly voices: readonly KnownVoice[];
  /** Queues some worker has served within the last minute. */
  readonly servedQueues: ReadonlySet<string>;
  /** Providers whose circuit is open. */
  readonly openCircuits: ReadonlySet<string>;
  /** What waits, where it is much; a second or two old. */
  readonly backlog: readonly Backlog[];
  /** Providers whose budget is used up; work for them is refused. Emulated money has budgets of its own. */
  readonly spentProviders: { readonly real: ReadonlySet<string>; readonly simulated: ReadonlySet<string> };
  /** The database's UTC day, YYYY-MM-DD. */
  readonly today: string;
  /** When it was taken, by the ledger's clock: this machine's may be wrong. */
  readonly takenAt: Date;
}

/** Jobs of one caller that wait in one queue. */
interface Backlog {
  readonly queue: string;
  readonly caller: string;
  readonly waiting: number;
}

interface SnapshotRow {
  configs: ConfigJson[] | null;
  prices: PriceJson[] | null;
  policies: RequestTypePolicyRow[] | null;
  experiments: Experiment[] | null;
  categories: CategoryJson[] | null;
  voices: KnownVoice[] | null;
  served: string[] | null;
  open_circuits: string[] | null;
  backlog: Backlog[] | null;
  spent_real: string[] | null;
  spent_simulated: string[] | null;
  today: string;
  taken_at: Date;
}

interface CategoryJson {
  user_category: string;
  allowed_tiers: Tier[] | null;
  allowed_models: string[] | null;
  daily_limit: string | null;
}

interface ConfigJson {
  id: string;
  provider: ProviderName;
  model_name: string;
  kind: Kind;
  tier: Tier;
  cost_per_million_tokens: number | null;
  cost_per_request: number | null;
  quality_score: number;
  is_active: boolean;
  is_default: boolean;
  max_tokens: number | null;
  max_output_tokens: number | null;
  capabilities: Capabilities;
  lifecycle: Lifecycle;
  shutdown_date: string | null;
  successor: string | null;
  limits: Limits;
  traffic_share: number | null;
  base_url: string | null;
}

type RatesJson = Record<
  'input' | 'output' | 'cached_input' | 'cache_write' | 'cache_write_long' | 'characters' | 'audio_output',
  string | null
>;

interface PriceJson extends RatesJson {
  id: string;
  provider: ProviderName;
  model_name: string;
  effective_from: string;
  effective_to: string | null;
  per_request: string;
  batch_basis_points: number;
  long_context: ({ above: number } & Partial<RatesJson>) | null;
}

/**
 * A worker that is being replaced keeps its queue in the choice for a minute: a deploy must not turn requests away.
 */
const SNAPSHOT: Statement = {
  name: 'catalogue_snapshot',
  text: `select
    (select jsonb_agg(to_jsonb(c)) from ai_provider_config c) as configs,
    (select jsonb_agg(jsonb_build_object('id', p.id, 'provider', p.provider, 'model_name', p.model_name,
      'effective_from', p.effective_from, 'effective_to', p.effective_to,
      'input', p.input_nano_usd::text, 'output', p.output_nano_usd::text, 'cached_input', p.cached_input_nano_usd::text,
      'cache_write', p.cache_write_nano_usd::text, 'cache_write_long', p.cache_write_long_nano_usd::text,
      'characters', p.characters_nano_usd::text, 'audio_output', p.audio_output_nano_usd::text,
      'per_request', p.per_request_nano_usd::text, 'batch_basis_points', p.batch_basis_points, 'long_context', p.long_context))
      from ai_price p) as prices,
    (select jsonb_agg(jsonb_build_object('requestType', r.request_type, 'tier', r.tier, 'normalization', r.normalization,
      'qualityFloor', r.quality_floor, 'maxPromptCharacters', r.max_prompt_characters, 'maxOutputTokens', r.max_output_tokens,
      'expiresAfterDays', r.expires_after_days, 'timeoutMs', r.timeout_ms,
      'incumbent', case when r.incumbent_model is not null then jsonb_build_object('provider', r.incumbent_provider, 'model', r.incumbent_model) end)) from ai_request_type_policy r) as policies,
    (select jsonb_agg(jsonb_build_object('name', e.name, 'requestTypes', e.request_types, 'candidateShare', e.candidate_share,
      'control', jsonb_build_object('provider', e.control_provider, 'model', e.control_model),
      'candidate', jsonb_build_object('provider', e.candidate_provider, 'model', e.candidate_model)))
      from ai_experiment e where e.kind = 'ab' and e.state = 'running') as experiments,
    (select jsonb_agg(jsonb_build_object('user_category', u.user_category, 'allowed_tiers', u.allowed_tiers, 'allowed_models', u.allowed_models,
      'daily_limit', u.daily_limit_nano_usd::text)) from ai_user_category_policy u) as categories,
    (select jsonb_agg(jsonb_build_object('provider', v.provider, 'name', v.name, 'voiceId', v.voice_id, 'languages', v.languages)
      order by v.provider, v.name, v.voice_id) from ai_voice v) as voices,
    (select array_agg(distinct role) from ai_worker w, unnest(w.roles) role
      where w.lease_until > clock_timestamp() - interval '60 seconds') as served,
    (select array_agg(h.provider) from ai_provider_health h where (h.circuit = 'open' and h.open_until > clock_timestamp()) or (h.circuit = 'half_open' and h.probe_until > clock_timestamp())) as open_circuits,
    (select jsonb_agg(jsonb_build_object('queue', b.queue, 'caller', b.caller, 'waiting', b.waiting)) from ai_backlog b
      where b.counted_at > clock_timestamp() - interval '30 seconds') as backlog,
    (select array_agg(b.subject) filter (where not b.simulated) from ai_budget b
      where b.scope = 'provider' and b.spent_nano_usd >= b.limit_nano_usd and b.period_end > clock_timestamp() and b.on_exceed = 'refuse') as spent_real,
    (select array_agg(b.subject) filter (where b.simulated) from ai_budget b
      where b.scope = 'provider' and b.spent_nano_usd >= b.limit_nano_usd and b.period_end > clock_timestamp() and b.on_exceed = 'refuse') as spent_simulated,
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD') as today, clock_timestamp() as taken_at`,
};

function toRates(json: Partial<RatesJson>): Rates {
  const rate = (value: string | null | undefined): bigint | null => (value === null || value === undefined ? null : BigInt(value));
  return {
    input: rate(json.input),
    output: rate(json.output),
    cachedInput: rate(json.cached_input),
    cacheWrite: rate(json.cache_write),
    cacheWriteLong: rate(json.cache_write_long),
    characters: rate(json.characters),
    audioOutput: rate(json.audio_output),
  };
}

function toConfig(json: ConfigJson): ProviderConfig {
  return {
    id: json.id,
    provider: json.provider,
    modelName: json.model_name,
    kind: json.kind,
    tier: json.tier,
    costPerMillionTokens: json.cost_per_million_tokens,
    costPerRequest: json.cost_per_request,
    qualityScore: json.quality_score,
    isActive: json.is_active,
    isDefault: json.is_default,
    maxTokens: json.max_tokens,
    maxOutputTokens: json.max_output_tokens,
    capabilities: json.capabilities,
    lifecycle: json.lifecycle,
    shutdownDate: json.shutdown_date,
    successor: json.successor,
    limits: json.limits,
    trafficShare: json.traffic_share,
    baseUrl: json.base_url,
  };
}

function toPrice(json: PriceJson): Price {
  return {
    id: json.id,
    provider: json.provider,
    modelName: json.model_name,
    effectiveFrom: new Date(json.effective_from),
    effectiveTo: json.effective_to === null ? null : new Date(json.effective_to),
    rates: toRates(json),
    perRequestNanoUsd: BigInt(json.per_request),
    batchBasisPoints: json.batch_basis_points,
    longContext: json.long_context === null ? null : { above: json.long_context.above, rates: toRates(json.long_context) },
  };
}

function toCategory(json: CategoryJson): UserCategoryPolicy {
  return {
    userCategory: json.user_category,
    allowedTiers: json.allowed_tiers,
    allowedModels: json.allowed_models,
    dailyLimitNanoUsd: json.daily_limit === null ? null : BigInt(json.daily_limit),
  };
}

/** Reads configurations, prices, policies, presence and health in one statement. */
export async function loadCatalogueSnapshot(database: Pick<Database, 'query'>): Promise<CatalogueSnapshot> {
  const [row] = await database.query<SnapshotRow>(SNAPSHOT);
  return {
    configs: (row?.configs ?? []).map(toConfig),
    prices: (row?.prices ?? []).map(toPrice),
    policies: row?.policies ?? [],
    experiments: row?.experiments ?? [],
    categories: (row?.categories ?? []).map(toCategory),
    voices: row?.voices ?? [],
    servedQueues: new Set(row?.served ?? []),
    openCircuits: new Set(row?.open_circuits ?? []),
    backlog: row?.backlog ?? [],
    spentProviders: { real: new Set(row?.spent_real ?? []), simulated: new Set(row?.spent_simulated ?? []) },
    today: row?.today ?? '',
    takenAt: row?.taken_at ?? new Date(0),
  };
}

export interface SnapshotCache {
  /** The snapshot, at most `maxAgeMs` old when Postgres answers, and the last one known while it does not. */
  get(): Promise<CatalogueSnapshot>;
  /** The next `get` reads anew. */
  invalidate(): void;
}

/** Keeps a snapshot for a while. While it is refreshed the old one serves; only the very first read is waited for. */
export function createSnapshotCache(database: Database, maxAgeMs = 1_000): SnapshotCache {
  let snapshot: CatalogueSnapshot | undefined;
  let takenAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<CatalogueSnapshot> | undefined;

  function load(): Promise<CatalogueSnapshot> {
    loading ??= loadCatalogueSnapshot(database)
      .then((fresh) => {
        snapshot = fresh;
        takenAt = performance.now();
        return fresh;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  }

  return {
    async get() {
      const age = performance.now() - takenAt;
      if (snapshot === undefined || takenAt === Number.NEGATIVE_INFINITY) return load();
      if (age > maxAgeMs) {
        const stale = snapshot;
        // Long unused: wait for a fresh one, but rather serve the old one than nothing.
        if (age > 30 * maxAgeMs) return load().catch(() => stale);
        void load().catch(() => undefined);
      }
      return snapshot;
    },
    invalidate() {
      takenAt = Number.NEGATIVE_INFINITY;
    },
  };
}
