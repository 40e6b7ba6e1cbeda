import { spokenLengthProblem } from '../spoken-length.ts';
import { Mp3Tally } from './tally.ts';
import { walkMp3, type Mp3Piece } from './walk-mp3.ts';

export interface Mp3Problem {
  readonly kind: 'empty' | 'not-mp3' | 'cut-off' | 'damaged' | 'mixed' | 'too-short' | 'too-long';
  /** One sentence, without the text that was spoken. */
  readonly reason: string;
}

/** What the speech was made from. */
export interface SpokenText {
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
  /** 1 is normal. */
  readonly speed?: number | undefined;
}

/** Beginnings of what servers send with status 200 instead of sound. */
const IMPOSTORS: readonly (readonly [RegExp, string])[] = [
  [/^\s*[{[]/, 'JSON'],
  [/^\s*</, 'HTML or XML'],
  [/^RIFF/, 'a WAV file'],
  [/^OggS/, 'an Ogg file'],
  [/^fLaC/, 'a FLAC file'],
];
const LOOKED_AT_BYTES = 64;

function nameContent(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, LOOKED_AT_BYTES)).toString('latin1');
  return IMPOSTORS.find(([pattern]) => pattern.test(start))?.[1] ?? 'something else';
}

function checkPieces(pieces: readonly Mp3Piece[]): Mp3Problem | null {
  const cut = pieces.find((piece) => piece.kind === 'cut');
  if (cut) return { kind: 'cut-off', reason: `the MP3 ends within the frame or tag that begins at byte ${cut.at}` };
  const stray = pieces.find((piece) => piece.kind === 'stray');
  if (stray) return { kind: 'damaged', reason: `the MP3 has ${stray.bytes} bytes that are no sound at byte ${stray.at}` };
  const frames = pieces.flatMap((piece) => (piece.kind === 'sound' ? [piece.frame] : []));
  const [first] = frames;
  const other = frames.find(({ sampleRate, channels }) => sampleRate !== first?.sampleRate || channels !== first.channels);
  return other
    ? { kind: 'mixed', reason: `the MP3 changes from ${first?.sampleRate} to ${other.sampleRate} Hz or from mono to stereo` }
    : null;
}

/**
 * Looks whether a file is a whole MP3 of one format whose length fits the text, so that nothing else is ever stored or paid twice for.
 * The length may be a quarter to four times what the text usually takes; see speechDuration.
 * @param bytes what the provider sent
 * @param spoken what it was asked to say
 * @returns the first problem, or null when the file is fine
 */
export function checkMp3(bytes: Uint8Array, spoken: SpokenText): Mp3Problem | null {
  if (bytes.length === 0) return { kind: 'empty', reason: 'the audio has 0 bytes' };
  const pieces = [...walkMp3(bytes)];
  const tally = new Mp3Tally();
  for (const piece of pieces) if (piece.kind === 'sound') tally.add(piece.frame);
  const summary = tally.summary();
  if (!summary) return { kind: 'not-mp3', reason: `the audio is no MP3 but ${nameContent(bytes)}` };
  return checkPieces(pieces) ?? spokenLengthProblem(summary.seconds, spoken);
}
