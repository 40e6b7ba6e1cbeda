import {
  boundTokens,
  maxCost,
  outputTokensOf,
  speechDuration,
  type JobRequest,
  type Price,
  type ProviderConfig,
  type RequestTypePolicy,
} from '@ai-core/core';

/** Gemini's speech is billed by 25 tokens a second; no engine known bills more. */
const AUDIO_TOKENS_PER_SECOND = 25;

export interface BoundedCall {
  readonly job: JobRequest;
  readonly policy: RequestTypePolicy;
  /** Size of the contexts it names, in bytes. */
  readonly contextBytes: number;
}

/** Every part of what is sent, in tokens. */
function inputTokensOf({ prompt, options }: JobRequest): number {
  return boundTokens(prompt) + boundTokens(JSON.stringify(options));
}

function speed({ options }: JobRequest): number {
  const wanted = options['speed'];
  return typeof wanted === 'number' && wanted > 0 ? Math.min(wanted, 1) : 1;
}

function speechCost(job: JobRequest, price: Price | null): bigint | null {
  const none = { inputTokens: 0, outputTokens: 0, audioOutputTokens: 0, characters: 0 };
  if (price?.rates.characters != null) return maxCost({ ...none, characters: job.prompt.length }, price);
  const { atMostSeconds } = speechDuration(job.prompt, { language: job.language ?? '', speed: speed(job) });
  const seconds = Math.max(atMostSeconds, 10 + job.prompt.length);
  return maxCost({ ...none, inputTokens: inputTokensOf(job), audioOutputTokens: Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND) }, price);
}

/**
 * The most a model can cost for a request.
 * @returns nano-USD; null = a price is not known
 */
export function boundCost({ job, policy, contextBytes }: BoundedCall, config: ProviderConfig, price: Price | null): bigint | null {
  if (job.kind === 'audio') return speechCost(job, price);
  const outputTokens = outputTokensOf(config, { request: job, policy });
  return maxCost({ inputTokens: inputTokensOf(job) + contextBytes, outputTokens, audioOutputTokens: 0, characters: 0 }, price);
}
