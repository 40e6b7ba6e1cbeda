import { pick, seededRandom } from '../random.ts';
import { secondsToSay, type SpeechEngine, type Utterance } from '../speech.ts';
import { encodeMp3, toPcm16 } from './encode-mp3.ts';

/** A pentatonic scale from A3 on, in Hz: any order of its notes is a melody. */
const NOTES = [220, 261.63, 293.66, 329.63, 392, 440, 523.25, 587.33] as const;

/** Samples of one note: 9 MPEG frames, so that a note's MP3 is about a quarter of a second. */
const MP3_NOTE_SAMPLES = 9 * 1_152;
const NOTE_SECONDS = MP3_NOTE_SAMPLES / 44_100;

/** One note that swells and fades, so that notes can follow each other without a click. */
function note(frequency: number, sampleRate: number): Float32Array {
  const length = Math.round(NOTE_SECONDS * sampleRate);
  return Float32Array.from(
    { length },
    (_, index) => 0.4 * Math.sin((2 * Math.PI * frequency * index) / sampleRate) * Math.sin((Math.PI * index) / length),
  );
}

interface Tile {
  readonly bytes: Uint8Array;
  readonly seconds: number;
}

/** Every note encoded by itself: its first frame needs no bytes of a frame before it, so tiles can stand in any order. */
async function makeTiles(kind: Utterance['encoding']['kind']): Promise<readonly [Tile, ...Tile[]]> {
  const make = async (frequency: number): Promise<Tile> => {
    if (kind === 'pcm') return { bytes: toPcm16(note(frequency, 24_000)), seconds: NOTE_SECONDS };
    const bytes = await encodeMp3(note(frequency, 44_100), { sampleRate: 44_100, kilobitsPerSecond: 128 });
    return { bytes, seconds: (bytes.length * 8) / 128_000 };
  };
  const [first, ...rest] = NOTES;
  return [await make(first), ...(await Promise.all(rest.map(make)))];
}

/** A melody instead of speech: audible, of the length the speech would have, different for each text, and almost free. */
export function tiledSpeech(): SpeechEngine {
  const tiles = { mp3: undefined, pcm: undefined } as Record<Utterance['encoding']['kind'], ReturnType<typeof makeTiles> | undefined>;
  return {
    async speak(utterance) {
      const { kind } = utterance.encoding;
      tiles[kind] ??= makeTiles(kind);
      const notes = await tiles[kind];
      const count = Math.max(1, Math.round(secondsToSay(utterance) / notes[0].seconds));
      const random = seededRandom(`${utterance.voice} ${utterance.text}`);
      return Buffer.concat(Array.from({ length: count }, () => pick(random, notes).bytes));
    },
    close: () => Promise.resolve(),
  };
}
