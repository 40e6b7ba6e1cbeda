import { Mp3Tally, type Mp3Summary } from './mp3/tally.ts';
import { walkMp3 } from './mp3/walk-mp3.ts';

/**
 * Measures an MP3 file by its frames (MPEG 1, 2 and 2.5, layer III), not by what its header says.
 * @param bytes the whole file
 * @returns null when it holds no frame of sound
 */
export function summariseMp3(bytes: Uint8Array): Mp3Summary | null {
  const tally = new Mp3Tally();
  for (const piece of walkMp3(bytes)) if (piece.kind === 'sound') tally.add(piece.frame);
  return tally.summary();
}
