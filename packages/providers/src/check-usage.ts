import { USAGE_COUNTS, type Usage } from '@ai-core/core';
import { AUDIO_TOKENS_PER_SECOND, type Consumed, estimateUsage } from './estimate-usage.ts';
import type { UsageDoubt } from './provider.ts';

/** What a call can have consumed at most. */
export interface UsageFrame extends Consumed {
  /** The output limit that was sent. */
  readonly maxOutputTokens: number;
  /** More than the sound of the answer can last. */
  readonly longestAudioSeconds: number;
}

export interface CheckedUsage {
  readonly usage: Usage;
  readonly doubt: UsageDoubt | null;
}

/** What providers add to a prompt of their own: roles, safety texts, the schema of a structured answer. */
const PROVIDER_ADDS_TOKENS = 4_096;
/** How far providers overshoot an output limit: the last token of a word, the end mark. */
const OVERSHOOT_TOKENS = 64;

/** A text that was answered was neither made of nothing nor read from nothing. */
function isNothing(usage: Usage, { sent, received }: UsageFrame): boolean {
  return received !== '' && (usage.outputTokens === 0 || (sent !== '' && usage.inputTokens === 0));
}

/** Whole, not negative, parts within their wholes, and no more and no less than what was sent, allowed and answered can make. */
function isPlausible(usage: Usage, frame: UsageFrame): boolean {
  if (!USAGE_COUNTS.every((name) => Number.isSafeInteger(usage[name]) && usage[name] >= 0)) return false;
  const cached = usage.cacheReadTokens + usage.cacheWriteTokens + usage.cacheWriteLongTokens;
  // A byte-level tokenizer never makes more than one token of a byte.
  const mostInput = Buffer.byteLength(frame.sent, 'utf8') + PROVIDER_ADDS_TOKENS;
  return (
    !isNothing(usage, frame) &&
    cached <= usage.inputTokens &&
    usage.reasoningTokens <= usage.outputTokens &&
    usage.inputTokens <= mostInput &&
    usage.outputTokens <= frame.maxOutputTokens + OVERSHOOT_TOKENS &&
    usage.audioOutputTokens <= frame.longestAudioSeconds * AUDIO_TOKENS_PER_SECOND
  );
}

/**
 * Decides whether a provider's counts of a call may go on a bill.
 * @param usage what the provider said, undefined when it said nothing
 * @returns the provider's counts, or our estimate and why
 */
export function checkUsage(usage: Usage | undefined, frame: UsageFrame): CheckedUsage {
  if (usage && isPlausible(usage, frame)) return { usage, doubt: null };
  return { usage: estimateUsage(frame), doubt: usage ? 'implausible' : 'missing' };
}
