import { NO_USAGE, type Usage } from '@ai-core/core';
import { countTokens } from './count-tokens.ts';
import type { Effort, TextOrder } from './wire.ts';

/** Tokens that a chat format adds around the messages. */
const FRAME_TOKENS = 7;
/** Prompts from this length on are partly read from and written to the vendor's prompt cache. */
const CACHED_FROM_TOKENS = 1_024;
const CACHE_BLOCK_TOKENS = 128;

/** Models that think before they answer, and are billed for it. */
const REASONING_MODELS = /^(gpt-[5-9]|o\d|claude-[a-z]+-[5-9]|gemini-(2\.5|[3-9]))/;

const REASONING_SHARE: Record<Effort, number> = { none: 0, minimal: 0.1, low: 0.25, medium: 0.75, high: 1.5, xhigh: 3, max: 5 };

/** Tokens of reasoning for each token of answer. Vendors reason at medium effort when they are not told. */
export function reasoningShare(order: Pick<TextOrder, 'model' | 'effort'>): number {
  return REASONING_MODELS.test(order.model) ? REASONING_SHARE[order.effort ?? 'medium'] : 0;
}

/**
 * What a vendor bills for an answer. The same order and text always give the same counts.
 * @param text the answer as it was written
 */
export function meterText(order: TextOrder, text: string): Usage {
  const inputTokens = countTokens(order.input) + FRAME_TOKENS;
  const blocks = inputTokens >= CACHED_FROM_TOKENS ? Math.floor(inputTokens / CACHE_BLOCK_TOKENS) : 0;
  const answerTokens = countTokens(text);
  const reasoningTokens = Math.round(answerTokens * reasoningShare(order));
  return {
    ...NO_USAGE,
    inputTokens,
    cacheReadTokens: Math.floor(blocks / 2) * CACHE_BLOCK_TOKENS,
    cacheWriteTokens: order.billsCacheWrites ? Math.floor(blocks / 4) * CACHE_BLOCK_TOKENS : 0,
    outputTokens: answerTokens + reasoningTokens,
    reasoningTokens,
  };
}
