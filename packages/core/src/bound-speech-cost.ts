import { boundTokens } from './estimate-tokens.ts';
import { maxCost } from './max-cost.ts';
import type { Price } from './price.ts';
import type { Json } from './request.ts';
import { speechDuration } from './speech-duration.ts';

/** Gemini's speech is billed by 25 tokens a second; no engine known bills more. */
const AUDIO_TOKENS_PER_SECOND = 25;

export interface BoundedSpeech {
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  readonly options: Readonly<Record<string, Json>>;
}

/** 1, or less when the speech is slower than usual. */
function slowestSpeed({ options }: BoundedSpeech): number {
  const wanted = options['speed'];
  return typeof wanted === 'number' && wanted > 0 ? Math.min(wanted, 1) : 1;
}

/**
 * The most it can cost to speak a text: by its characters where the engine bills them, else by the tokens of the text and of the longest
 * sound it can make.
 * @returns nano-USD; null = a price is not known
 */
export function boundSpeechCost(speech: BoundedSpeech, price: Price | null): bigint | null {
  const none = { inputTokens: 0, outputTokens: 0, audioOutputTokens: 0, characters: 0 };
  // UTF-16 units are never fewer than the code points that are billed.
  if (price !== null && price.rates.characters !== null) return maxCost({ ...none, characters: speech.text.length }, price);
  const { atMostSeconds } = speechDuration(speech.text, { language: speech.language, speed: slowestSpeed(speech) });
  const seconds = Math.max(atMostSeconds, 10 + speech.text.length);
  const inputTokens = boundTokens(speech.text) + boundTokens(JSON.stringify(speech.options));
  return maxCost({ ...none, inputTokens, audioOutputTokens: Math.ceil(seconds * AUDIO_TOKENS_PER_SECOND) }, price);
}
