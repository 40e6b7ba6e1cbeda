/**
 * The thread that synthesises speech, because synthesis blocks: about 25 ms for each second of sound. espeak-ng is under the
 * GPL; it stays in this program, which talks to the rest by HTTP only.
 */
import { parentPort } from 'node:worker_threads';
import loadEspeak from '@echogarden/espeak-ng-emscripten';
import { languageOf, type Utterance } from '../speech.ts';
import { encodeMp3, toPcm16 } from './encode-mp3.ts';
import { readKanji } from './read-kanji.ts';

export interface SpokenRequest {
  readonly id: number;
  readonly utterance: Utterance;
}

export type SpokenReply = { readonly id: number; readonly bytes: Uint8Array } | { readonly id: number; readonly error: string };

const SYNTHESIS_RATE = 22_050;
const WORDS_PER_MINUTE = 165;

/** espeak-ng's names of the languages that the vendors' voices speak. */
const VOICES: Readonly<Record<string, string>> = {
  en: 'en-us',
  ja: 'ja',
  de: 'de',
  es: 'es',
  fr: 'fr-fr',
  it: 'it',
  ko: 'ko',
  pt: 'pt-br',
  ru: 'ru',
  zh: 'cmn',
};

/** A pitch for each voice, so that two voices can be told apart by ear. */
function pitchOf(voice: string): number {
  let sum = 0;
  for (const character of voice) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 41;
  return 30 + sum;
}

async function synthesize(utterance: Utterance): Promise<Int16Array> {
  const language = languageOf(utterance);
  // A new instance each time: one that has spoken before gives other samples for the same text.
  const { eSpeakNGWorker } = await loadEspeak();
  const voice = await new eSpeakNGWorker();
  voice.set_voice(VOICES[language] ?? 'en-us');
  voice.set_rate(Math.round(WORDS_PER_MINUTE * utterance.speed));
  voice.set_pitch(pitchOf(utterance.voice));
  const chunks: Int16Array[] = [];
  voice.synthesize(language === 'ja' ? readKanji(utterance.text) : utterance.text, (samples) => {
    if (samples instanceof Int16Array && samples.length > 0) chunks.push(new Int16Array(samples));
    if (samples instanceof ArrayBuffer && samples.byteLength > 0) chunks.push(new Int16Array(samples.slice(0)));
  });
  const whole = new Int16Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Linear interpolation; good enough for a voice. @returns samples from -1 to 1 */
function resample(samples: Int16Array, sampleRate: number): Float32Array {
  const step = SYNTHESIS_RATE / sampleRate;
  return Float32Array.from({ length: Math.floor(samples.length / step) }, (_, index) => {
    const position = index * step;
    const before = Math.floor(position);
    const share = position - before;
    return ((samples[before] ?? 0) * (1 - share) + (samples[before + 1] ?? 0) * share) / 32_768;
  });
}

async function speak(utterance: Utterance): Promise<Uint8Array> {
  const { encoding } = utterance;
  const samples = resample(await synthesize(utterance), encoding.sampleRate);
  return encoding.kind === 'mp3' ? encodeMp3(samples, encoding) : toPcm16(samples);
}

parentPort?.on('message', ({ id, utterance }: SpokenRequest) => {
  speak(utterance).then(
    (bytes) => parentPort?.postMessage({ id, bytes } satisfies SpokenReply),
    (error: unknown) => parentPort?.postMessage({ id, error: error instanceof Error ? error.message : 'unknown' } satisfies SpokenReply),
  );
});
