import type { SpokenText } from './mp3/check-mp3.ts';
import { speechDuration } from './speech-duration.ts';

export interface SpokenLengthProblem {
  readonly kind: 'too-short' | 'too-long';
  /** One sentence, without the text that was spoken. */
  readonly reason: string;
}

/** Whether sound of that many seconds can be the text; see speechDuration(). @returns null when it can */
export function spokenLengthProblem(seconds: number, { text, language, speed }: SpokenText): SpokenLengthProblem | null {
  const expected = speechDuration(text, { language, speed });
  const facts = `${seconds.toFixed(1)} s of sound for ${text.length} characters, which take about ${expected.seconds.toFixed(1)} s`;
  if (seconds < expected.atLeastSeconds) return { kind: 'too-short', reason: `${facts}: a part is missing` };
  if (seconds > expected.atMostSeconds) return { kind: 'too-long', reason: `${facts}: there is more than the text` };
  return null;
}
