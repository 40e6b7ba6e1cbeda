import type { Json, ProviderName, Usage } from '@ai-core/core';

/** How long each phase of one call may take, in milliseconds. */
export interface CallTimeouts {
  readonly connect: number;
  readonly firstByte: number;
  readonly idle: number;
  readonly total: number;
}

interface CallBase {
  readonly model: string;
  /** Sent as client request id or metadata, so that a provider's bill can be matched with ours. */
  readonly attemptId: string;
  readonly signal: AbortSignal;
  readonly timeouts: CallTimeouts;
  /** The request's options, identity keys already removed. */
  readonly options: Readonly<Record<string, Json>>;
}

export interface TextCall extends CallBase {
  readonly prompt: string;
  readonly maxOutputTokens: number | undefined;
  /** Called with each piece of text as it comes; a call with it is streamed. */
  readonly onDelta?: ((text: string) => void) | undefined;
}

interface ResultBase {
  /** The model the provider says it used: the one that is billed. */
  readonly model: string;
  readonly usage: Usage;
  /** The provider's usage object as it came, kept with the attempt. */
  readonly rawUsage: Json;
  readonly providerRequestId: string | null;
  /** Options this model cannot honour; they were not sent. */
  readonly ignoredOptions: readonly string[];
}

export interface TextResult extends ResultBase {
  readonly text: string;
}

export interface SpeechCall extends CallBase {
  readonly text: string;
  readonly language: string;
  readonly voice: string | null;
}

export interface SpeechResult extends ResultBase {
  readonly audio: Uint8Array;
}

/**
 * One provider: one vendor call per method, no retry of its own. Every failure is an AiCoreError; a paid but useless
 * answer (refusal, truncation, garbage) is a ProviderFailure that carries the usage it cost.
 */
export interface Provider {
  readonly name: ProviderName;
  generateText?(call: TextCall): Promise<TextResult>;
  generateSpeech?(call: SpeechCall): Promise<SpeechResult>;
}

export interface ProviderSettings {
  readonly apiKey: string | undefined;
  /** null = the vendor's own address. */
  readonly baseUrl: string | null;
}

export type ProviderFactory = (settings: ProviderSettings) => Provider;
