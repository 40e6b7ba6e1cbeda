/** Why a model may not take a request: one table, in the order the rules are asked. */
import { hash } from 'node:crypto';
import { isGone } from './catalogue.ts';
import type { ErrorCode } from './errors.ts';
import type { Experiment } from './experiment.ts';
import type { ProviderConfig } from './model.ts';
import { isModelAllowed, narrowedTiers } from './narrowing.ts';
import type { Narrowing } from './narrowing.ts';
import { PROVIDERS, queueOfConfig, speaksFormat } from './provider-facts.ts';
import type { Kind, ProviderFacts, ProviderName } from './provider-facts.ts';
import type { SpeechFormat } from './speech-format.ts';
import { wantsJson } from './request-options.ts';
import type { RequestTypePolicy } from './request-type-policy.ts';
import type { Json, SelectionMode } from './request.ts';
import { callsTools, wantsTools } from './tool-call.ts';

/** What a choice depends on in the request itself. */
export interface RequestFacts {
  readonly kind: Kind;
  /** Puts the request into a canary's share or not, always the same way. */
  readonly promptHash: string;
  /** As they are hashed, see decideHashOptions(). */
  readonly options: Readonly<Record<string, Json>>;
  /** Of speech: BCP 47. Of text: options.language. */
  readonly language?: string | undefined;
  /** Of speech. */
  readonly format?: SpeechFormat | undefined;
  readonly selectionMode: SelectionMode;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

/** Everything a choice depends on, read at one moment. */
export interface SelectionInput {
  readonly request: RequestFacts;
  readonly policy: RequestTypePolicy;
  readonly configs: readonly ProviderConfig[];
  /** Names of the queues that a live worker serves. A worker serves a queue only when it has the provider's key. */
  readonly presence: ReadonlySet<string>;
  /** Names of providers whose circuit is open. */
  readonly openCircuits: ReadonlySet<string>;
  /** UTC day YYYY-MM-DD of the database. */
  readonly today: string;
  /** As estimateTokens() has it. */
  readonly estimatedInputTokens: number;
  /** The same counted by countTokens(), where the estimate left too little room; it is then what decides. */
  readonly countedInputTokens?: number | undefined;
  /** From the policy of the user's category. */
  readonly narrowing: Narrowing;
  /**
   * Deployed own models as `provider/model`, with the state of their quality gate. A local model without an entry counts as
   * open: deploying and rolling back keep its row.
   */
  readonly ownModels?: ReadonlyMap<string, 'open' | 'closed'> | undefined;
  /** Experiments that run at the moment. */
  readonly experiments?: readonly Experiment[] | undefined;
  /** Names of providers whose budget is spent. */
  readonly spentProviders?: ReadonlySet<string> | undefined;
  /** The caller's highest cost of one call, and what a call of a model can cost; null = not known. */
  readonly costLimit?: { readonly nanoUsd: bigint; readonly of: (config: ProviderConfig) => bigint | null } | undefined;
}

export interface Exclusion {
  readonly applies: (config: ProviderConfig, input: SelectionInput) => boolean;
  /** The reason in words; of a model where models differ. */
  readonly detail: string | ((config: ProviderConfig) => string);
  /** The error when nothing came closer than this. */
  readonly code: ErrorCode;
  /** A request that names its model means it: rules about taste do not apply. */
  readonly alsoWhenPinned: boolean;
}

function nameOf(config: ProviderConfig): string {
  return `${config.provider}/${config.modelName}`;
}

/** State of the gate of an own model; undefined for models of others. */
export function gateOf(config: ProviderConfig, { ownModels }: SelectionInput): 'open' | 'closed' | undefined {
  return ownModels?.get(nameOf(config)) ?? (config.provider === 'local_small_model' ? 'open' : undefined);
}

function languageOf({ request }: SelectionInput): string | undefined {
  const named = request.language ?? (request.kind === 'text' ? request.options['language'] : undefined);
  return typeof named === 'string' ? named.toLowerCase().split('-')[0] : undefined;
}

function speaks(config: ProviderConfig, input: SelectionInput): boolean {
  const language = languageOf(input);
  return language === undefined || config.capabilities.languages === undefined || config.capabilities.languages.includes(language);
}

/** A number from 0 up to 100 that is the same for the same prompt and model, and independent between models. */
function percentileOf(config: ProviderConfig, promptHash: string): number {
  return (Number.parseInt(hash('sha256', `${promptHash}/${nameOf(config)}`).slice(0, 8), 16) / 2 ** 32) * 100;
}

interface OutputWish {
  readonly request: Pick<RequestFacts, 'options'>;
  readonly policy: Pick<RequestTypePolicy, 'maxOutputTokens' | 'outputTokenCap'>;
}

function requestedOutput({ request, policy }: OutputWish): number | undefined {
  const named = request.options['max_tokens'];
  if (typeof named !== 'number') return undefined;
  return policy.outputTokenCap === null ? named : Math.min(named, policy.outputTokenCap);
}

/** The output limit to send to a model: the request's own, else its type's, but never more than the type allows and the model can. */
export function outputTokensOf(config: Pick<ProviderConfig, 'maxOutputTokens'>, input: OutputWish): number {
  const tokens = requestedOutput(input) ?? input.policy.maxOutputTokens;
  return config.maxOutputTokens === null ? tokens : Math.min(tokens, config.maxOutputTokens);
}

/**
 * Counts are made with OpenAI's encoding. Claude's and Gemini's own make more tokens of some texts, and their vendors publish no
 * tokenizer to count with: a third on top.
 */
const COUNT_SAFETY: Readonly<Partial<Record<ProviderName, number>>> = { claude: 1.3, gemini: 1.3 };

/** What the request and its answer are thought to take of a model's context, in tokens. */
export function neededTokens(config: ProviderConfig, input: SelectionInput): { readonly input: number; readonly output: number } {
  const { countedInputTokens: counted, estimatedInputTokens } = input;
  const tokens = counted === undefined ? estimatedInputTokens : Math.ceil(counted * (COUNT_SAFETY[config.provider] ?? 1));
  return { input: tokens, output: outputTokensOf(config, input) };
}

/** Long texts to speak are split, so only a text model can be too small. */
function overflows(config: ProviderConfig, input: SelectionInput): boolean {
  if (input.request.kind === 'audio' || config.maxTokens === null) return false;
  const needed = neededTokens(config, input);
  return needed.input + needed.output > config.maxTokens;
}

/** The estimate is at most this many times too high, for prose that is full of long words. */
const WILDEST_ESTIMATE = 4;

/** @returns true when a model that the estimate finds too small may not be */
export function isWorthCounting(config: ProviderConfig, input: SelectionInput): boolean {
  if (input.countedInputTokens !== undefined || config.maxTokens === null) return false;
  return input.estimatedInputTokens / WILDEST_ESTIMATE + outputTokensOf(config, input) <= config.maxTokens;
}

function formatsOf({ provider }: ProviderConfig): string {
  const facts: ProviderFacts = PROVIDERS[provider];
  return `its speech is to be had as ${(facts.speechFormats ?? []).join(', ')}`;
}

/** The first rule that applies is the reason. The later a rule stands, the closer the model came to being taken. */
export const EXCLUSIONS = {
  retired: {
    applies: (config, { today }) => isGone(config, today),
    detail: 'the provider has shut it down',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: true,
  },
  inactive: {
    applies: (config) => !config.isActive,
    detail: 'switched off in its configuration',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: true,
  },
  quality_gate_closed: {
    applies: (config, input) => gateOf(config, input) === 'closed',
    detail: 'an own model whose quality gate is closed',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: false,
  },
  tier_not_allowed: {
    applies: (config, { narrowing }) => narrowedTiers(narrowing)?.includes(config.tier) === false,
    detail: 'of a tier that the policy of the user category does not allow',
    code: 'FORBIDDEN',
    alsoWhenPinned: true,
  },
  model_not_allowed: {
    applies: (config, { narrowing }) => !isModelAllowed(config, narrowing),
    detail: 'not among the models that the policy of the user category allows',
    code: 'FORBIDDEN',
    alsoWhenPinned: true,
  },
  below_quality_floor: {
    applies: (config, { policy }) => config.qualityScore < policy.qualityFloor,
    detail: 'its quality score is below the floor of the request type',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: false,
  },
  language_unsupported: {
    applies: (config, input) => !speaks(config, input),
    detail: 'it does not do the language',
    code: 'REQUEST_INVALID',
    alsoWhenPinned: true,
  },
  json_unsupported: {
    applies: (config, { request }) => wantsJson(request.options) && config.capabilities.json !== true,
    detail: 'it is not known to answer in JSON',
    code: 'REQUEST_INVALID',
    alsoWhenPinned: true,
  },
  format_unsupported: {
    applies: ({ provider }, { request: { format } }) => format !== undefined && !speaksFormat(provider, format),
    detail: formatsOf,
    code: 'REQUEST_INVALID',
    alsoWhenPinned: true,
  },
  tools_unsupported: {
    applies: (config, { request }) => wantsTools(request.options) && !callsTools(config),
    detail: 'it does not call functions; leave out tools, or ask a model that does',
    code: 'REQUEST_INVALID',
    alsoWhenPinned: true,
  },
  outside_canary_share: {
    applies: (config, { request }) => config.trafficShare !== null && percentileOf(config, request.promptHash) >= config.trafficShare,
    detail: 'in canary, and this prompt is not in its share of the traffic',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: false,
  },
  no_worker: {
    applies: (config, { request, presence }) => !presence.has(queueOfConfig(config, request.kind) ?? ''),
    detail: 'no live worker serves its provider: the key is missing or no worker runs',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: true,
  },
  circuit_open: {
    applies: (config, { openCircuits }) => openCircuits.has(config.provider),
    detail: 'its provider fails at the moment, the circuit is open',
    code: 'NO_MODEL_AVAILABLE',
    alsoWhenPinned: true,
  },
  budget_spent: {
    applies: (config, { spentProviders }) => spentProviders?.has(config.provider) === true,
    detail: 'the budget of its provider is spent',
    code: 'BUDGET_EXCEEDED',
    alsoWhenPinned: true,
  },
  cost_unknown: {
    applies: (config, { costLimit }) => costLimit !== undefined && costLimit.of(config) === null,
    detail: 'the request limits its cost and the price is not known',
    code: 'BUDGET_EXCEEDED',
    alsoWhenPinned: true,
  },
  too_expensive: {
    applies: (config, { costLimit }) => costLimit !== undefined && (costLimit.of(config) ?? 0n) > costLimit.nanoUsd,
    detail: 'a call can cost more than max_cost_usd',
    code: 'BUDGET_EXCEEDED',
    alsoWhenPinned: true,
  },
  output_too_small: {
    applies: (config, input) => config.maxOutputTokens !== null && (requestedOutput(input) ?? 0) > config.maxOutputTokens,
    detail: 'max_tokens is more than it can answer',
    code: 'REQUEST_INVALID',
    alsoWhenPinned: true,
  },
  context_too_small: {
    applies: overflows,
    detail: 'prompt and answer together may be longer than its context',
    code: 'CONTEXT_TOO_LONG',
    alsoWhenPinned: true,
  },
} as const satisfies Record<string, Exclusion>;

export type ExclusionReason = keyof typeof EXCLUSIONS;

export const EXCLUSION_REASONS = Object.keys(EXCLUSIONS) as ExclusionReason[];

/** The reason a model may not take the request, or null. */
export function findExclusion(config: ProviderConfig, input: SelectionInput, pinned = false): ExclusionReason | null {
  const applies = (reason: ExclusionReason): boolean =>
    (EXCLUSIONS[reason].alsoWhenPinned || !pinned) && EXCLUSIONS[reason].applies(config, input);
  return EXCLUSION_REASONS.find(applies) ?? null;
}
