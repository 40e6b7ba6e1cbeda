import type { BatchTerms } from './batch-lane.ts';
import type { Kind, ProviderName } from './provider-facts.ts';

export const TIERS = ['cheap', 'normal', 'premium'] as const;
export type Tier = (typeof TIERS)[number];

export const LIFECYCLES = ['active', 'deprecated', 'retired'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

/** What a model can do. Absent = not known, which never excludes a model except where the request demands it. */
export interface Capabilities {
  /** Can answer in JSON by a schema. */
  json?: boolean;
  streaming?: boolean;
  /** Has a batch API. */
  batch?: boolean;
  /** Takes a temperature. */
  temperature?: boolean;
  /** Takes a reasoning effort. */
  reasoning?: boolean;
  /** Calls functions; absent = as its provider. */
  tools?: boolean;
  /** Languages a voice engine speaks, lower-case BCP 47 primary tags; absent = all. */
  languages?: string[];
  /** Voice id to use for a language when the caller names none; key `*` for any other language. */
  defaultVoices?: Record<string, string>;
  /** Who answers for an own model that its trainer serves: the call goes to that provider, under that name. */
  servedBy?: { provider: ProviderName; model: string };
  /** Largest input of a voice engine. */
  inputLimit?: { amount: number; unit: 'characters' | 'bytes' | 'tokens' };
}

/** Limits of one model over the whole fleet; absent = none. */
export interface Limits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  concurrency?: number;
  dailySpendNanoUsd?: string;
  timeoutsMs?: { connect?: number; firstByte?: number; idle?: number; total?: number };
}

/** One model or voice engine that may be chosen: a row of ai_provider_config. */
export interface ProviderConfig {
  readonly id: string;
  readonly provider: ProviderName;
  readonly modelName: string;
  readonly kind: Kind;
  readonly tier: Tier;
  /** USD per million tokens (or characters), blended 3 input : 1 output. Orders the choice; bills nothing. */
  readonly costPerMillionTokens: number | null;
  /** USD per request. Orders the choice; bills nothing. */
  readonly costPerRequest: number | null;
  /** 0.0 to 1.0. */
  readonly qualityScore: number;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  /** Context window in tokens. */
  readonly maxTokens: number | null;
  readonly maxOutputTokens: number | null;
  readonly capabilities: Capabilities;
  readonly lifecycle: Lifecycle;
  /** UTC day YYYY-MM-DD from which the model is gone. */
  readonly shutdownDate: string | null;
  readonly successor: string | null;
  readonly limits: Limits;
  /** Share of traffic in percent while a model is in canary; null = all. */
  readonly trafficShare: number | null;
  readonly baseUrl: string | null;
}

/** One link of a job's fallback chain, fixed at admission and kept in ai_job.candidates. */
export interface Candidate {
  readonly provider: ProviderName;
  readonly model: string;
  readonly queue: string;
  /** The most this call can cost, in nano-USD as a decimal string; null where the price is unknown. */
  readonly max_cost_nano_usd: string | null;
  readonly price_id: string | null;
  /** Its context in tokens; null or absent = not known. */
  readonly context_tokens?: number | null | undefined;
  /** It may answer in a batch, at such terms; absent = it may not. */
  readonly batch?: BatchTerms | undefined;
}
