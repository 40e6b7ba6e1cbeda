/** How an utterance is to sound and in which form it is wanted. */
export interface Utterance {
  readonly text: string;
  /** BCP 47; undefined = guessed from the script. */
  readonly language: string | undefined;
  /** The vendor's id of a voice. Another voice sounds different; which one it is like is not emulated. */
  readonly voice: string;
  /** 1 = normal. */
  readonly speed: number;
  /** MP3: constant bit rate, mono. PCM: signed 16 bit, little endian, mono. */
  readonly encoding:
    | { readonly kind: 'mp3'; readonly sampleRate: 44_100; readonly kilobitsPerSecond: 128 }
    | { readonly kind: 'pcm'; readonly sampleRate: 24_000 };
}

export const MP3_ENCODING = { kind: 'mp3', sampleRate: 44_100, kilobitsPerSecond: 128 } as const;
export const PCM_ENCODING = { kind: 'pcm', sampleRate: 24_000 } as const;

/** Makes sound of text. The same utterance always gives the same bytes. */
export interface SpeechEngine {
  speak(utterance: Utterance): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** spoken: synthesised speech. tiled: a melody of the right length, without synthesis, for load and replays. */
export type SpeechMode = 'spoken' | 'tiled';

const SCRIPTS: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/[\u3040-\u30ff]/, 'ja'],
  [/[\uac00-\ud7af]/, 'ko'],
  [/[\u4e00-\u9fff]/, 'zh'],
  [/[\u0400-\u04ff]/, 'ru'],
];

/** @returns the primary language tag of an utterance, lower case; English when the script tells nothing */
export function languageOf({ text, language }: Pick<Utterance, 'text' | 'language'>): string {
  const said = language?.split('-')[0]?.toLowerCase();
  return said || (SCRIPTS.find(([pattern]) => pattern.test(text))?.[1] ?? 'en');
}

/** Characters spoken in a second by a calm voice; scripts whose characters are syllables or words take longer for each. */
const CHARACTERS_PER_SECOND: Readonly<Record<string, number>> = { ja: 7, zh: 5, ko: 7 };
const USUAL_CHARACTERS_PER_SECOND = 15;

/** About how long an utterance takes to say, in seconds. */
export function secondsToSay(utterance: Pick<Utterance, 'text' | 'language' | 'speed'>): number {
  const rate = CHARACTERS_PER_SECOND[languageOf(utterance)] ?? USUAL_CHARACTERS_PER_SECOND;
  return Array.from(utterance.text).length / rate / utterance.speed;
}
