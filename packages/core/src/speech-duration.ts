/**
 * How long a text takes to say, from its characters alone. Good to a factor of two for prose; the band around it is much wider, for it
 * decides whether paid-for audio is thrown away.
 */

export interface SpeechDuration {
  /** The best guess, in seconds. */
  readonly seconds: number;
  /** Shorter than this is not the whole text. */
  readonly atLeastSeconds: number;
  /** Longer than this is not only the text. */
  readonly atMostSeconds: number;
}

/** Nobody reads four times faster or slower than usual. */
const BAND = 4;
/** Silence at both ends, breaths, and a few words that say more than they show. */
const SLACK_SECONDS = 10;
/** A symbol or emoji may be read out ("grinning face") or left out. */
const SYMBOL_SECONDS = 1;
/** Digits are said as words, in every language; in long numbers and codes an engine may skip some, so the least counts them as letters. */
const DIGIT_SECONDS = 0.3;

/**
 * Seconds for one letter of a script: about 170 English words or 350 Japanese characters a minute, what narrators and speech engines do.
 * `han` is said with two morae in Japanese and one syllable in Chinese.
 */
const LETTER_SECONDS = { han: 0.24, kana: 0.12, hangul: 0.2, other: 0.065 };
const HAN_SECONDS: Readonly<Record<string, number>> = { ja: 0.27, zh: 0.22, yue: 0.22, cmn: 0.22 };

type Script = keyof typeof LETTER_SECONDS | 'digit' | 'symbol';
const SCRIPTS: readonly (readonly [Script, RegExp])[] = [
  ['other', /^[A-Za-z]$/],
  ['han', /^[\p{Script=Han}々]$/u],
  ['kana', /^[\p{Script=Hiragana}\p{Script=Katakana}]$/u],
  ['hangul', /^\p{Script=Hangul}$/u],
  ['digit', /^\p{N}$/u],
  ['other', /^\p{L}$/u],
  ['symbol', /^\p{S}$/u],
];

function countScripts(text: string): Map<Script, number> {
  const counts = new Map<Script, number>();
  for (const character of text) {
    const script = SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0];
    if (script) counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  return counts;
}

/**
 * @param text as it is sent to a speech engine
 * @param options.language BCP 47
 * @param options.speed 1 is normal, 2 twice as fast
 * @returns a guess and a band: a quarter of the guess to four times the guess, symbols and ten seconds more
 */
export function speechDuration(text: string, { language, speed = 1 }: { language: string; speed?: number | undefined }): SpeechDuration {
  const counts = countScripts(text);
  const primary = language.split('-')[0]?.toLowerCase() ?? '';
  const rates: Readonly<Record<Script, number>> = {
    ...LETTER_SECONDS,
    han: HAN_SECONDS[primary] ?? LETTER_SECONDS.han,
    digit: DIGIT_SECONDS,
    symbol: 0,
  };
  const spoken = [...counts].reduce((sum, [script, count]) => sum + rates[script] * count, 0);
  const digitsAsLetters = spoken - (counts.get('digit') ?? 0) * (DIGIT_SECONDS - LETTER_SECONDS.other);
  const symbols = (counts.get('symbol') ?? 0) * SYMBOL_SECONDS;
  return {
    seconds: spoken / speed,
    atLeastSeconds: digitsAsLetters / BAND / speed,
    atMostSeconds: (spoken * BAND + symbols) / speed + SLACK_SECONDS,
  };
}
