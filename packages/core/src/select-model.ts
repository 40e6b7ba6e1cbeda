/** Which models may answer a request, in which order, and why the others may not. Pure: everything it depends on is handed in. */
import { AiCoreError } from './errors.ts';
import { armOf, findExperiment } from './experiment.ts';
import { TIERS } from './model.ts';
import type { ProviderConfig, Tier } from './model.ts';
import { clampTier } from './narrowing.ts';
import { isPreferredOwn, orderAudio, orderText } from './order-candidates.ts';
import { resolvePin } from './resolve-pin.ts';
import { EXCLUSION_REASONS, EXCLUSIONS, findExclusion, isWorthCounting, neededTokens } from './selection-rules.ts';
import type { Exclusion, ExclusionReason, RequestFacts, SelectionInput } from './selection-rules.ts';
import type { RequestTypePolicy } from './request-type-policy.ts';

/** Why a model that may take the request stands where it stands. */
const PLACES = {
  pinned: 'named by the request',
  experiment: 'an experiment gives it this prompt',
  own_model: 'the deployed own model of the tier, its quality gate is open',
  in_tier: 'of the tier, in order of cost and quality',
  next_tier: 'of the next dearer tier, should the tier fail',
  voice: 'speaks the language, in order of provider, life time, cost and quality',
  not_pinned: 'the request names another model',
  tier_below: 'of a cheaper tier than the request needs; options.tier can ask for it',
  tier_not_needed: 'of a dearer tier than the fallback needs',
} as const;

export type SelectionReason = keyof typeof PLACES | ExclusionReason;

/** One line of the explanation: `explain: true` answers with these. */
export interface Explanation {
  readonly provider: string;
  readonly model: string;
  readonly taken: boolean;
  readonly reason: SelectionReason;
  /** The reason in words. */
  readonly detail: string;
}

export interface Selection {
  /** The tier the choice began at. */
  readonly tier: Tier;
  /** The fallback chain, first choice first. */
  readonly candidates: readonly ProviderConfig[];
  /** Every model of the kind: those taken, in order, then the others. */
  readonly explanation: readonly Explanation[];
  /** Why there is no candidate; null when there is one. */
  readonly failure: AiCoreError | null;
  /** A model was left out because of an estimate that a real count of the tokens may correct: count, and choose again. */
  readonly worthCounting: boolean;
}

interface Placed {
  readonly config: ProviderConfig;
  readonly taken: boolean;
  readonly reason: SelectionReason;
}

/** The tier a request asks for: premium when it says so, else the tier it names, else its type's. */
export function decideTier(options: RequestFacts['options'], policy: Pick<RequestTypePolicy, 'tier'>): Tier {
  if (options['quality'] === 'premium' || options['deep_reasoning'] === true) return 'premium';
  return TIERS.find((tier) => tier === options['tier']) ?? policy.tier;
}

function place(configs: readonly ProviderConfig[], taken: boolean, reason: (config: ProviderConfig) => SelectionReason): Placed[] {
  return configs.map((config) => ({ config, taken, reason: reason(config) }));
}

/** The tier's models, then those of the next dearer tier that has any. */
function placeText(usable: readonly ProviderConfig[], tier: Tier, input: SelectionInput): Placed[] {
  const of = (wanted: Tier): ProviderConfig[] =>
    orderText(
      usable.filter((config) => config.tier === wanted),
      input,
    );
  const dearer = TIERS.slice(TIERS.indexOf(tier) + 1);
  const next = dearer.find((candidate) => of(candidate).length > 0);
  return [
    ...place(of(tier), true, (config) => (isPreferredOwn(config, input) ? 'own_model' : 'in_tier')),
    ...dearer.flatMap((other) => place(of(other), other === next, () => (other === next ? 'next_tier' : 'tier_not_needed'))),
    ...TIERS.slice(0, TIERS.indexOf(tier)).flatMap((other) => place(of(other), false, () => 'tier_below')),
  ];
}

/** In an experiment the model of the prompt's arm comes first, whatever its tier; the others stay behind it as they would be. */
function withArmFirst(placed: readonly Placed[], { experiments = [], request, policy }: SelectionInput): Placed[] {
  const experiment = findExperiment(experiments, policy.requestType);
  if (experiment === undefined || request.kind !== 'text') return [...placed];
  const { provider, model } = armOf(experiment, request.promptHash);
  const isArm = ({ config }: Placed): boolean => config.provider === provider && config.modelName === model;
  const arm = placed.find(isArm);
  if (arm === undefined) return [...placed];
  return [{ config: arm.config, taken: true, reason: 'experiment' }, ...placed.filter((other) => !isArm(other))];
}

function placeAutomatically(input: SelectionInput, tier: Tier): Placed[] {
  const ofKind = input.configs.filter((config) => config.kind === input.request.kind);
  const judged = ofKind.map((config) => ({ config, reason: findExclusion(config, input) }));
  const usable = judged.filter(({ reason }) => reason === null).map(({ config }) => config);
  const placed =
    input.request.kind === 'text' ? withArmFirst(placeText(usable, tier, input), input) : place(orderAudio(usable), true, () => 'voice');
  const excluded = judged.flatMap(({ config, reason }) => (reason === null ? [] : [{ config, taken: false, reason }]));
  return [...placed, ...excluded];
}

function isSame(one: ProviderConfig, two: ProviderConfig): boolean {
  return one.provider === two.provider && one.modelName === two.modelName;
}

function placePinned(input: SelectionInput, tier: Tier): Placed[] {
  const { kind, provider = '', model, options } = input.request;
  const pin = resolvePin({ kind, provider, model: model ?? null, configs: input.configs, today: input.today });
  const reason = findExclusion(pin, input, true);
  const first: Placed = { config: pin, taken: reason === null, reason: reason ?? 'pinned' };
  const others = placeAutomatically(input, tier).filter(({ config }) => !isSame(config, pin));
  if (options['fallback'] === true) return [first, ...others];
  return [first, ...others.map(({ config }): Placed => ({ config, taken: false, reason: 'not_pinned' }))];
}

function isExclusion(reason: SelectionReason): reason is ExclusionReason {
  return Object.hasOwn(EXCLUSIONS, reason);
}

function detailOf({ config, reason }: Pick<Placed, 'config' | 'reason'>): string {
  if (!isExclusion(reason)) return PLACES[reason];
  const { detail }: Exclusion = EXCLUSIONS[reason];
  return typeof detail === 'string' ? detail : detail(config);
}

/** By the model with the largest context of those that are only too small. */
function describeOverflow(misses: readonly Placed[], input: SelectionInput): AiCoreError {
  const tooSmall = misses.filter(({ reason }) => reason === 'context_too_small').map(({ config }) => config);
  const [largest] = tooSmall.toSorted((one, two) => (two.maxTokens ?? 0) - (one.maxTokens ?? 0));
  if (largest === undefined) return new AiCoreError('CONTEXT_TOO_LONG', EXCLUSIONS.context_too_small.detail);
  const needed = neededTokens(largest, input);
  const about = input.countedInputTokens === undefined ? 'estimated' : 'counted';
  return new AiCoreError(
    'CONTEXT_TOO_LONG',
    `the request has about ${needed.input} tokens (${about}) and its answer may take ${needed.output}; the largest context it could ` +
      `have is that of ${largest.provider}/${largest.modelName}: ${largest.maxTokens} tokens. Send less text, or lower max_tokens.`,
  );
}

/** The error of the model that came closest: the one excluded by the latest rule. */
function describeFailure(placed: readonly Placed[], input: SelectionInput): AiCoreError {
  const { kind } = input.request;
  if (placed.length === 0) {
    return new AiCoreError('NO_MODEL_AVAILABLE', `no ${kind} model is configured; run \`ai-core setup-providers\`.`);
  }
  const closeness = ({ reason }: Placed): number => (isExclusion(reason) ? EXCLUSION_REASONS.indexOf(reason) : -1);
  const misses = placed.filter(({ reason }) => reason !== 'not_pinned').toSorted((one, two) => closeness(two) - closeness(one));
  const closest = misses[0]?.reason;
  const code = closest !== undefined && isExclusion(closest) ? EXCLUSIONS[closest].code : 'NO_MODEL_AVAILABLE';
  const reasons = misses.slice(0, 5).map((miss) => `${miss.config.provider}/${miss.config.modelName}: ${detailOf(miss)}`);
  if (code === 'CONTEXT_TOO_LONG') return describeOverflow(misses, input);
  const rest = misses.length > reasons.length ? `; and ${misses.length - reasons.length} more` : '';
  return new AiCoreError(code, `no ${kind} model can take this request (${reasons.join('; ')}${rest}).`);
}

/**
 * Chooses the models for a request.
 *
 * Text: the tier's usable models, the deployed own model first, then by cost and quality, then the models of the next dearer
 * tier. Speech: ElevenLabs when a worker serves it, then by life time, cost and quality among the engines that speak the
 * language. Manual: the named model and no other, unless options.fallback is true.
 * @returns candidates, possibly none: then `failure` says why, with the code of the model that came closest
 * @throws AiCoreError as resolvePin() does, for a manual request whose model does not exist
 */
export function selectModel(input: SelectionInput): Selection {
  const tier = clampTier(decideTier(input.request.options, input.policy), input.narrowing);
  const placed = input.request.selectionMode === 'manual' ? placePinned(input, tier) : placeAutomatically(input, tier);
  const candidates = placed.filter(({ taken }) => taken).map(({ config }) => config);
  const explanation = placed
    .toSorted((one, two) => Number(two.taken) - Number(one.taken))
    .map(({ config, taken, reason }) => ({
      provider: config.provider,
      model: config.modelName,
      taken,
      reason,
      detail: detailOf({ config, reason }),
    }));
  return {
    tier,
    candidates,
    explanation,
    failure: candidates.length > 0 ? null : describeFailure(placed, input),
    worthCounting: placed.some(({ config, reason }) => reason === 'context_too_small' && isWorthCounting(config, input)),
  };
}
