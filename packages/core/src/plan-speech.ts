import { measureSpeech, splitSpeech, type SplitSpeechOptions } from './split-speech.ts';

/** A text of up to so many UTF-8 bytes, some five minutes of speech, is spoken at once when the engine takes it: no seam is heard. */
const WHOLE_BYTES = 5_000;

/**
 * The parts a text is spoken in: one where it is short and the engine takes it, otherwise what splitSpeech() makes of it, so that an
 * edit of a long script buys only what has changed, whatever the engine would take at once.
 * @returns `[]` for white space alone
 */
export function planSpeech(text: string, options: SplitSpeechOptions): string[] {
  const whole = text.trim();
  const isShort = Buffer.byteLength(whole) <= WHOLE_BYTES && measureSpeech(whole, options.limit.unit) <= options.limit.amount;
  return isShort && whole !== '' ? [whole] : splitSpeech(text, options);
}
