/** MPEG audio, layer III: as much of ISO 11172-3 and 13818-3 as it takes to find every frame of a file. */

export interface Mp3Measure {
  readonly seconds: number;
  readonly frames: number;
}

interface Frame {
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRate: number;
}

/** kbit/s by the header's index: MPEG 1, and MPEG 2 and 2.5. */
const KILOBITS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KILOBITS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz by the header's version bits and index: MPEG 2.5, reserved, MPEG 2, MPEG 1. */
const RATES = [[11_025, 12_000, 8_000], [], [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]];

const ID3V2_HEADER_BYTES = 10;
const ID3V1_BYTES = 128;

/** The frame whose header stands at `at`, complete or not. */
function frameAt(file: Uint8Array, at: number): Frame | undefined {
  const [first = 0, second = 0, third = 0] = file.subarray(at, at + 3);
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const kilobits = (version === 3 ? KILOBITS_1 : KILOBITS_2)[third >> 4];
  const sampleRate = RATES[version]?.[(third >> 2) & 3];
  if (layer !== 1 || !kilobits || !sampleRate) return undefined;
  const samples = version === 3 ? 1_152 : 576;
  const padding = (third >> 1) & 1;
  return { bytes: Math.floor(((samples / 8) * kilobits * 1_000) / sampleRate) + padding, samples, sampleRate };
}

/** Where the sound begins: after an ID3v2 tag, if there is one. */
function startOf(file: Uint8Array): number {
  const isTag = file[0] === 0x49 && file[1] === 0x44 && file[2] === 0x33;
  if (!isTag) return 0;
  const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((file[index] ?? 0) & 127), 0);
  return ID3V2_HEADER_BYTES + size;
}

/** A tag after the last frame (ID3v1, APE) is no broken frame. */
function isTrailer(rest: Uint8Array): boolean {
  const tag = Buffer.from(rest.subarray(0, 8)).toString('latin1');
  return (
    rest.length === 0 || (tag.startsWith('TAG') && rest.length === ID3V1_BYTES) || tag === 'APETAGEX' || rest.every((byte) => byte === 0)
  );
}

/**
 * Walks through an MP3 file frame by frame.
 * @returns its length, or undefined when it is no MP3 file of whole frames: something else, or cut off
 */
export function measureMp3(file: Uint8Array): Mp3Measure | undefined {
  let at = startOf(file);
  let frames = 0;
  let seconds = 0;
  for (let frame = frameAt(file, at); frame; frame = frameAt(file, at)) {
    if (at + frame.bytes > file.length) return undefined;
    at += frame.bytes;
    frames += 1;
    seconds += frame.samples / frame.sampleRate;
  }
  return frames > 0 && isTrailer(file.subarray(at)) ? { seconds, frames } : undefined;
}
