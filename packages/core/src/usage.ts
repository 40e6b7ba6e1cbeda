/** What one provider call consumed, in one shape for every provider. Providers' own shapes are normalised by their adapters. */
export interface Usage {
  /** All input tokens: uncached + cache reads + cache writes. */
  readonly inputTokens: number;
  /** Input tokens read from the provider's prompt cache. */
  readonly cacheReadTokens: number;
  /** Input tokens written to the provider's prompt cache at its short (default) lifetime. */
  readonly cacheWriteTokens: number;
  /** Input tokens written to the provider's prompt cache at a long lifetime (1 h, 12 h). */
  readonly cacheWriteLongTokens: number;
  /** All output tokens as billed, reasoning included, audio excluded. */
  readonly outputTokens: number;
  /** The part of outputTokens that was reasoning. */
  readonly reasoningTokens: number;
  /** Output tokens billed at the audio rate. */
  readonly audioOutputTokens: number;
  /** Characters billed by a speech provider. */
  readonly characters: number;
  /** True when the call was billed at the provider's batch rate. */
  readonly batch: boolean;
  /** True when the provider reported no usage and the counts are ours. */
  readonly estimated: boolean;
}

/** The counts among its fields. */
export const USAGE_COUNTS = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWriteLongTokens',
  'outputTokens',
  'reasoningTokens',
  'audioOutputTokens',
  'characters',
] as const satisfies readonly (keyof Usage)[];

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cacheWriteLongTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  audioOutputTokens: 0,
  characters: 0,
  batch: false,
  estimated: false,
};

export const ANSWER_SOURCES = ['provider', 'memory', 'in_flight', 'batch', 'late', 'unknown'] as const;
/** Where the answer of a request came from. */
export type AnswerSource = (typeof ANSWER_SOURCES)[number];

/** @returns true for whoever paid for the answer; everybody else was given one that was bought for another */
export function isBought(source: AnswerSource): boolean {
  return source === 'provider' || source === 'batch';
}

export const USAGE_ROW_KINDS = ['request', 'attempt', 'correction'] as const;
/** request: one per caller. attempt: a further paid call. correction: a signed change of an earlier row. */
export type UsageRowKind = (typeof USAGE_ROW_KINDS)[number];
