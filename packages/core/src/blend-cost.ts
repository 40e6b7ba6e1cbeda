import type { Rates } from './price.ts';

const NANO_PER_USD = 1e9;

/** Text has about 4 characters to a token; speech about 15 characters to a second and 25 audio tokens to a second. */
const TEXT_TOKENS_PER_CHARACTER = 1 / 4;
const AUDIO_TOKENS_PER_CHARACTER = 25 / 15;

function usd(nanoUsd: bigint): number {
  return Number(nanoUsd) / NANO_PER_USD;
}

/** Six decimals: floating-point dust must not decide between two models of one price. */
function tidy(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

/**
 * One number to compare models by, in USD: per million characters of speech, or per million tokens at three of input to one of
 * output. Orders the choice and bills nothing. The ratio for audio tokens gives 20 USD for gpt-4o-mini-tts, as published.
 * @returns null when a rate it needs is not known
 */
export function blendCost(rates: Rates): number | null {
  if (rates.characters !== null) return tidy(usd(rates.characters));
  if (rates.input === null) return null;
  if (rates.audioOutput !== null)
    return tidy(usd(rates.input) * TEXT_TOKENS_PER_CHARACTER + usd(rates.audioOutput) * AUDIO_TOKENS_PER_CHARACTER);
  return rates.output === null ? null : tidy((3 * usd(rates.input) + usd(rates.output)) / 4);
}
