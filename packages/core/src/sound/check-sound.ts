/** Whether what an engine sent is whole, of the format that was asked for, and as long as its text. */
import { checkMp3 } from '../mp3/check-mp3.ts';
import type { SpokenText } from '../mp3/check-mp3.ts';
import { summariseMp3 } from '../mp3.ts';
import { PCM_RATE, PCM_SAMPLE_BYTES, type SpeechFormat } from '../speech-format.ts';
import { spokenLengthProblem } from '../spoken-length.ts';
import { adtsSeconds } from './adts.ts';
import { flacSeconds } from './flac.ts';
import { oggOpusSeconds } from './ogg-opus.ts';
import { readWav } from './wav.ts';

export interface CheckedSound {
  /** Length of the sound; 0 when it cannot be told. */
  readonly seconds: number;
  /** What is wrong, in one sentence, without the text that was spoken; null = nothing. */
  readonly problem: string | null;
}

function wavSeconds(bytes: Uint8Array): number | null {
  const data = readWav(bytes);
  return data === null ? null : (data.end - data.start) / data.bytesPerSecond;
}

/** Headerless: whatever has whole samples may be sound. */
function pcmSeconds(bytes: Uint8Array): number | null {
  return bytes.length % PCM_SAMPLE_BYTES === 0 ? bytes.length / (PCM_RATE * PCM_SAMPLE_BYTES) : null;
}

/** How long a file is by what stands in it; null when it is not whole or of another format. */
const MEASURES: Readonly<Record<Exclude<SpeechFormat, 'mp3'>, (bytes: Uint8Array) => number | null>> = {
  opus: oggOpusSeconds,
  aac: adtsSeconds,
  flac: flacSeconds,
  wav: wavSeconds,
  pcm: pcmSeconds,
};

/**
 * Looks at a file that an engine has made.
 * @param bytes what it sent
 * @param spoken what it was asked to say
 */
export function checkSound(bytes: Uint8Array, format: SpeechFormat, spoken: SpokenText): CheckedSound {
  if (format === 'mp3') {
    const [summary, problem] = [summariseMp3(bytes), checkMp3(bytes, spoken)];
    return { seconds: summary?.seconds ?? 0, problem: problem?.reason ?? (summary === null ? 'the audio has no sound' : null) };
  }
  if (bytes.length === 0) return { seconds: 0, problem: 'the audio has 0 bytes' };
  const seconds = MEASURES[format](bytes);
  if (seconds === null) return { seconds: 0, problem: `the audio is no whole file of ${format}` };
  return { seconds, problem: spokenLengthProblem(seconds, spoken)?.reason ?? null };
}
