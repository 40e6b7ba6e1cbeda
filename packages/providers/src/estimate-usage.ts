import { NO_USAGE, type Usage } from '@ai-core/core';

/**
 * UTF-8 bytes per token with o200k_base, measured: 4.49 for English (2,700 characters, 601 tokens), 4.57 for Japanese
 * (1,600 characters, 1,050 tokens).
 */
const BYTES_PER_TOKEN = 4.5;

/** @returns about as many tokens as a text has; 0 for an empty one */
function guessTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
}

/** Gemini, the one provider that bills sound by tokens and says how many, counts 25 for each second. */
export const AUDIO_TOKENS_PER_SECOND = 25;

export interface Consumed {
  /** Everything the model was given to read. */
  readonly sent: string;
  /** The text that was answered, as far as it came. */
  readonly received: string;
  /** Length of the sound that was answered. */
  readonly audioSeconds: number;
}

/** What a call consumed when the provider does not say, or says nonsense: our count, marked as an estimate. */
export function estimateUsage({ sent, received, audioSeconds }: Consumed): Usage {
  return {
    ...NO_USAGE,
    inputTokens: guessTokens(sent),
    outputTokens: guessTokens(received),
    audioOutputTokens: Math.ceil(audioSeconds * AUDIO_TOKENS_PER_SECOND),
    estimated: true,
  };
}
