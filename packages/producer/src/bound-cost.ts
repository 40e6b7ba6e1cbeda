import {
  boundSpeechCost,
  boundTokens,
  maxCost,
  outputTokensOf,
  type JobRequest,
  type Price,
  type ProviderConfig,
  type RequestTypePolicy,
} from '@ai-core/core';

export interface BoundedCall {
  readonly job: JobRequest;
  readonly policy: RequestTypePolicy;
  /** Size of the contexts it names, in bytes. */
  readonly contextBytes: number;
}

/**
 * The most a model can cost for a request.
 * @returns nano-USD; null = a price is not known
 */
export function boundCost({ job, policy, contextBytes }: BoundedCall, config: ProviderConfig, price: Price | null): bigint | null {
  const { prompt, options, language = '' } = job;
  if (job.kind === 'audio') return boundSpeechCost({ text: prompt, language, options }, price);
  const inputTokens = boundTokens(prompt) + boundTokens(JSON.stringify(options)) + contextBytes;
  const outputTokens = outputTokensOf(config, { request: job, policy });
  return maxCost({ inputTokens, outputTokens, audioOutputTokens: 0, characters: 0 }, price);
}
