/** What was measured of every request type, and which cheaper tier would do. */
import {
  computeCost,
  meanInterval,
  NO_USAGE,
  priceAt,
  proposeTier,
  queueOfConfig,
  resolvePolicy,
  resolveThresholds,
  TIERS,
  USUAL_FLOOR,
  type Interval,
  type JudgedTier,
  type MeasuredModel,
  type ProviderConfig,
  type ScoreSummary,
  type Tier,
  type Usage,
} from '@ai-core/core';
import { loadCatalogueSnapshot, type CatalogueSnapshot } from './catalogue-snapshot.ts';
import type { Database, Statement } from './database.ts';
import { listQualityGates } from './evaluations.ts';

/** A model by name. */
interface Named {
  readonly provider: string;
  readonly model: string;
}

/** What could be done for one request type, and what is known of it. */
export interface TierProposalLine {
  readonly requestType: string;
  readonly tier: Tier;
  /** The model that answers by now. */
  readonly now: Named & { readonly scores: number; readonly quality: Interval | null };
  readonly floor: number;
  readonly minScores: number;
  /** Paid calls of the last 30 days that chose their model themselves. */
  readonly monthlyCalls: number;
  /** What they would cost with the model that answers by now; a decimal string of nano-USD, null where its price is not known. */
  readonly monthlyCostNanoUsd: string | null;
  /** null = it stays where it is. */
  readonly proposal: (Named & { readonly tier: Tier; readonly quality: Interval; readonly monthlySavingNanoUsd: string }) | null;
  /** Every cheaper tier, and why it is not the one. */
  readonly judged: readonly JudgedTier[];
}

interface CallsRow {
  readonly request_type: string;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

interface ScoresRow extends ScoreSummary {
  readonly request_type: string;
  readonly provider: string;
  readonly model: string;
}

const CALLS: Statement = {
  name: 'tier_calls',
  text: `select request_type, provider, model, sum(paid_calls)::float8 as calls, sum(input_tokens)::float8 as input,
      sum(cached_tokens)::float8 as cached, sum(output_tokens)::float8 as output
    from ai_daily_cost where day > (now() at time zone 'UTC')::date - 30 and kind = 'text' and selection_mode = 'auto' and simulated = $1
    group by 1, 2, 3 having sum(paid_calls) > 0`,
};
// What a person has rejected is as bad as can be, whatever else was said of it.
const SCORES: Statement = {
  name: 'tier_scores',
  text: `select request_type, provider, model, count(*)::integer as count, avg(score)::float8 as mean, coalesce(var_samp(score), 0)::float8 as variance
    from (
      select m.request_type, m.provider, m.model, case when m.verdict = 'rejected' then 0 else (
        select avg(x.score) from (
          select m.user_rating / 5 as score where m.rating_count > 0
          union all select s.score from ai_answer_score s where s.memory_item = m.id) x) end as score
      from ai_memory m
      where m.kind = 'text' and m.simulated = $1 and m.created_at > clock_timestamp() - interval '90 days'
        and (m.rating_count > 0 or m.verdict = 'rejected' or exists (select from ai_answer_score s where s.memory_item = m.id))) scored
    where score is not null group by 1, 2, 3`,
};
const NOTHING: ScoreSummary = { count: 0, mean: 0, variance: 0 };

/** The model a request of the tier would get first: the own model that is deployed to everybody, else the cheapest that a worker serves. */
function firstChoice({ configs, servedQueues }: CatalogueSnapshot, tier: Tier): ProviderConfig | undefined {
  const usable = configs.filter(
    (config) =>
      config.kind === 'text' &&
      config.tier === tier &&
      config.isActive &&
      config.lifecycle !== 'retired' &&
      (config.provider !== 'local_small_model' || (config.isDefault && config.trafficShare === null)) &&
      (servedQueues.size === 0 || servedQueues.has(queueOfConfig(config, 'text') ?? '')),
  );
  const rank = (config: ProviderConfig): number =>
    config.provider === 'local_small_model' ? -1 : (config.costPerMillionTokens ?? Number.POSITIVE_INFINITY);
  return usable.toSorted((one, two) => rank(one) - rank(two) || two.qualityScore - one.qualityScore)[0];
}

/** One request as it is on average. */
function averageUsage(rows: readonly CallsRow[], calls: number): Usage {
  const mean = (of: (row: CallsRow) => number): number => Math.round(rows.reduce((sum, row) => sum + of(row), 0) / calls);
  const inputTokens = mean(({ input }) => input);
  return {
    ...NO_USAGE,
    inputTokens,
    cacheReadTokens: Math.min(
      inputTokens,
      mean(({ cached }) => cached),
    ),
    outputTokens: mean(({ output }) => output),
  };
}

/**
 * Looks at every request type that was paid for in the last 30 days.
 * @param simulated emulated answers have figures of their own
 */
export async function listTierProposals(database: Database, simulated: boolean): Promise<TierProposalLine[]> {
  const [snapshot, gates, calls, scores] = await Promise.all([
    loadCatalogueSnapshot(database),
    listQualityGates(database),
    database.query<CallsRow>(CALLS, [simulated]),
    database.query<ScoresRow>(SCORES, [simulated]),
  ]);
  const at = new Date();
  const tierOf = ({ provider, model }: Named): Tier | undefined =>
    snapshot.configs.find((config) => config.kind === 'text' && config.provider === provider && config.modelName === model)?.tier;

  function lineOf(requestType: string): TierProposalLine | null {
    const rows = calls.filter((row) => row.request_type === requestType).toSorted((one, two) => two.calls - one.calls);
    const monthlyCalls = rows.reduce((sum, row) => sum + row.calls, 0);
    const usage = averageUsage(rows, monthlyCalls);
    const measure = ({ provider, model }: Named): MeasuredModel => ({
      provider,
      model,
      scores: scores.find((row) => row.request_type === requestType && row.provider === provider && row.model === model) ?? NOTHING,
      costNanoUsd: computeCost(usage, priceAt(snapshot.prices, { provider, modelName: model, at })).nanoUsd,
    });
    const policy = resolvePolicy(snapshot.policies, requestType);
    const busiest = rows.find((row) => tierOf(row) === policy.tier);
    if (busiest === undefined) return null;
    const now = measure(busiest);
    const floor = policy.qualityFloor > 0 ? policy.qualityFloor : USUAL_FLOOR;
    const minScores = resolveThresholds(gates, requestType).minItems;
    const firsts = TIERS.flatMap((tier) => {
      const config = firstChoice(snapshot, tier);
      return config === undefined ? [] : [[tier, measure({ provider: config.provider, model: config.modelName })] as const];
    });
    const { proposal, judged } = proposeTier({
      tier: policy.tier,
      now,
      firstOf: Object.fromEntries(firsts),
      floor,
      minScores,
      monthlyCalls,
    });
    return {
      requestType,
      tier: policy.tier,
      now: { ...nameOf(now), scores: now.scores.count, quality: now.scores.count === 0 ? null : meanInterval(now.scores) },
      floor,
      minScores,
      monthlyCalls,
      monthlyCostNanoUsd: now.costNanoUsd === null ? null : String(now.costNanoUsd * BigInt(monthlyCalls)),
      proposal:
        proposal === null
          ? null
          : {
              ...nameOf(proposal.model),
              tier: proposal.tier,
              quality: proposal.quality,
              monthlySavingNanoUsd: String(proposal.monthlySavingNanoUsd),
            },
      judged,
    };
  }

  const lines = [...new Set(calls.map((row) => row.request_type))].flatMap((requestType) => lineOf(requestType) ?? []);
  const savingOf = ({ proposal }: TierProposalLine): bigint => BigInt(proposal?.monthlySavingNanoUsd ?? 0);
  return lines.toSorted((one, two) => Number(savingOf(two) - savingOf(one)) || one.requestType.localeCompare(two.requestType, 'en'));
}

function nameOf({ provider, model }: Named): Named {
  return { provider, model };
}
