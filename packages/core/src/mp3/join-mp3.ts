import { AiCoreError } from '../errors.ts';
import { HEADER_BYTES } from './frame.ts';
import { makeInfoFrame } from './info-frame.ts';
import { SeekPoints } from './seek-points.ts';
import { Mp3Tally, type Mp3Summary } from './tally.ts';
import { walkMp3, type Mp3Piece } from './walk-mp3.ts';

/** All that is known of a joined file before its sound is read a second time. */
export interface Mp3JoinPlan {
  readonly summary: Mp3Summary;
  /** Of the whole joined file. */
  readonly bytes: number;
  /** Its first frame: length and seek table. */
  readonly head: Uint8Array;
  /** Bytes of sound of each part. */
  readonly parts: readonly number[];
}

type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
type Sound = Extract<Mp3Piece, { kind: 'sound' }>;

function describe({ sampleRate, channels }: Pick<Mp3Summary, 'sampleRate' | 'channels'>): string {
  return `${sampleRate} Hz ${channels === 1 ? 'mono' : 'stereo'}`;
}

/** Collects what the first frame of a joined file has to say. */
class Join {
  readonly #tally = new Mp3Tally();
  readonly #points = new SeekPoints();
  readonly #parts: number[] = [];
  #first: (Pick<Mp3Summary, 'sampleRate' | 'channels'> & { readonly like: Uint8Array }) | undefined;

  add(part: Uint8Array): void {
    const before = this.#tally.bytes;
    for (const piece of walkMp3(part)) if (piece.kind === 'sound') this.#addFrame(part, piece);
    const bytes = this.#tally.bytes - before;
    if (bytes === 0) {
      throw new AiCoreError(
        'PROVIDER_BAD_ANSWER',
        `part ${this.#parts.length + 1} of the speech holds no MP3 sound, so it cannot be joined`,
      );
    }
    this.#parts.push(bytes);
  }

  #addFrame(part: Uint8Array, { at, frame }: Sound): void {
    this.#first ??= { sampleRate: frame.sampleRate, channels: frame.channels, like: part.slice(at, at + HEADER_BYTES) };
    if (frame.sampleRate !== this.#first.sampleRate || frame.channels !== this.#first.channels) {
      throw new AiCoreError(
        'PROVIDER_BAD_ANSWER',
        `part ${this.#parts.length + 1} of the speech has ${describe(frame)}, the first one ${describe(this.#first)}; parts of one file must come from one engine in one format`,
      );
    }
    this.#points.add(this.#tally.bytes);
    this.#tally.add(frame);
  }

  plan(): Mp3JoinPlan {
    const summary = this.#tally.summary();
    if (!summary || !this.#first) throw new AiCoreError('PROVIDER_BAD_ANSWER', 'there is no part of speech to join');
    const head = makeInfoFrame({ summary, like: this.#first.like, percents: this.#points.percents() });
    return { summary, bytes: head.length + summary.bytes, head, parts: this.#parts };
  }
}

/** The sound of a part: views of it, as few as possible. */
function* soundOf(part: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  let to = 0;
  for (const { kind, at, bytes } of walkMp3(part)) {
    if (kind !== 'sound') continue;
    if (at !== to) {
      if (to > from) yield part.subarray(from, to);
      from = at;
    }
    to = at + bytes;
  }
  if (to > from) yield part.subarray(from, to);
}

/**
 * First pass of a join with flat memory: measures the parts, of which only one is held at a time.
 * @param parts MP3 files in their order
 * @throws AiCoreError PROVIDER_BAD_ANSWER when a part has no sound, or another sample rate or channel count than the first
 */
export async function planMp3Join(parts: Parts): Promise<Mp3JoinPlan> {
  const join = new Join();
  for await (const part of parts) join.add(part);
  return join.plan();
}

/**
 * Second pass: the joined file piece by piece, `plan.bytes` in all.
 * @param plan of the same parts
 * @param parts the same files, read again
 * @throws AiCoreError INTERNAL when they are not the files that were planned
 */
export async function* joinMp3Stream(plan: Mp3JoinPlan, parts: Parts): AsyncGenerator<Uint8Array> {
  yield plan.head;
  let index = 0;
  for await (const part of parts) {
    const sound = [...soundOf(part)];
    const bytes = sound.reduce((sum, view) => sum + view.length, 0);
    if (bytes !== plan.parts[index]) throw new AiCoreError('INTERNAL', `part ${index + 1} of the speech changed while it was joined`);
    yield* sound;
    index += 1;
  }
  if (index !== plan.parts.length) {
    throw new AiCoreError('INTERNAL', `${plan.parts.length} parts of speech were to be joined, ${index} came`);
  }
}

/**
 * Joins MP3 files without encoding them again: their frames behind one new Info or Xing frame, without the tags and headers of the parts,
 * so that players show the right length and seek. Each seam keeps the encoder's delay of its part, some 45 ms of silence.
 * @param parts MP3 files in their order
 * @throws AiCoreError PROVIDER_BAD_ANSWER when a part has no sound, or another sample rate or channel count than the first
 */
export function joinMp3(parts: readonly Uint8Array[]): Uint8Array {
  const join = new Join();
  for (const part of parts) join.add(part);
  const { head } = join.plan();
  return Buffer.concat([head, ...parts.flatMap((part) => [...soundOf(part)])]);
}
