import type { Capabilities, Json, ProviderName, SpeechFormat, ToolCall, Usage } from '@ai-core/core';
import type { BatchApi } from './batch.ts';

/** How long each phase of one call may take, in milliseconds. */
export interface CallTimeouts {
  /** Until the connection stands. */
  readonly connect: number;
  /** From then until the first byte of the answer. */
  readonly firstByte: number;
  /** Between two pieces of the answer. */
  readonly idle: number;
  /** For the whole call. */
  readonly total: number;
}

interface CallBase {
  readonly model: string;
  /** Sent as the client's request id, so that a provider's bill can be matched with ours. */
  readonly attemptId: string;
  /** Aborting it ends the call at once with JOB_CANCELLED. */
  readonly signal: AbortSignal;
  readonly timeouts: CallTimeouts;
  /** The request's options, identity keys already removed. map-options.ts says what becomes of each. */
  readonly options: Readonly<Record<string, Json>>;
  /** What the configuration says the model can do; where it is silent the adapter goes by the model's name. */
  readonly capabilities?: Capabilities | undefined;
}

export interface TextCall extends CallBase {
  readonly prompt: string;
  /** Named contexts: goes before everything else, so that providers find it in their prompt caches. */
  readonly context?: string | undefined;
  /** The most tokens the answer may have, reasoning included; undefined = DEFAULT_MAX_OUTPUT_TOKENS. */
  readonly maxOutputTokens: number | undefined;
  /** Called with each piece of text as it comes; a call with it is streamed. It must not throw: the call is already paid. */
  readonly onDelta?: ((text: string) => void) | undefined;
}

interface ResultBase {
  /** The model the provider says it used: the one that is billed. */
  readonly model: string;
  readonly usage: Usage;
  /** Why `usage` is our estimate and not the provider's count; null = it is the provider's. */
  readonly usageDoubt: UsageDoubt | null;
  /** The provider's usage object as it came, kept with the attempt. */
  readonly rawUsage: Json;
  readonly providerRequestId: string | null;
  /** Options this model cannot honour; they were not sent. */
  readonly ignoredOptions: readonly string[];
}

/** missing: the provider sent no usage. implausible: it sent counts that cannot be true. */
export type UsageDoubt = 'missing' | 'implausible';

export interface TextResult extends ResultBase {
  /** Empty when the model only called functions. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
}

export interface SpeechCall extends CallBase {
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  /** A voice's name or the provider's id of it; null = the default for the language. */
  readonly voice: string | null;
  /** One of those that PROVIDERS says the provider has. */
  readonly format: SpeechFormat;
}

export interface SpeechResult extends ResultBase {
  /** A whole file of the format that was asked for. */
  readonly audio: Uint8Array;
  /** Its length. */
  readonly seconds: number;
  /** How many calls at once the vendor says our account may make; null = it does not say. */
  readonly mostAtOnce: number | null;
}

/** What a listing needs of a call. */
export type ListingCall = Pick<CallBase, 'signal' | 'timeouts'>;

/** A voice of the account. */
export interface ListedVoice {
  readonly voiceId: string;
  readonly name: string;
  /** BCP 47; empty = not told, or all. */
  readonly languages: readonly string[];
}

/** A model as the vendor lists it. */
export interface ListedModel {
  readonly modelName: string;
  /** UTC day YYYY-MM-DD from which it is gone; null = none is named. */
  readonly shutdownDate: string | null;
}

/**
 * One provider: one vendor call per method, no retry of its own. Every failure is a ProviderFailure, which is an
 * AiCoreError that knows whether the call was charged; a paid but useless answer (refusal, truncation, garbage) carries
 * the usage it cost.
 */
export interface Provider {
  readonly name: ProviderName;
  generateText?(call: TextCall): Promise<TextResult>;
  generateSpeech?(call: SpeechCall): Promise<SpeechResult>;
  /** The voices of the account, where accounts have voices of their own. Nothing is charged. */
  listVoices?(call: ListingCall): Promise<readonly ListedVoice[]>;
  /** The models our key may use, where the vendor tells when they end. Nothing is charged. */
  listModels?(call: ListingCall): Promise<readonly ListedModel[]>;
  /** Texts at the price of batches, where the vendor has an API for them. */
  readonly batches?: BatchApi;
}

export interface ProviderSettings {
  readonly apiKey: string | undefined;
  /** null = the vendor's own address. */
  readonly baseUrl: string | null;
}

export type ProviderFactory = (settings: ProviderSettings) => Provider;
