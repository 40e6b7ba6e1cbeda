/** The header of an MPEG audio frame of layer III (ISO 11172-3 §2.4.2.3, ISO 13818-3 §2.4.2.3; MPEG 2.5 is Fraunhofer's extension). */

export interface Mp3Frame {
  /** Header and sound. */
  readonly bytes: number;
  /** Per channel. */
  readonly samples: number;
  /** Hz; each rate belongs to one MPEG version. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Bits per second. */
  readonly bitrate: number;
  /** From the start of the frame to its main data: header, check sum if any, side information. */
  readonly headBytes: number;
}

export const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 2;
const RESERVED_VERSION = 1;
const MPEG_1 = 3;
const LAYER_III = 1;
const MONO = 3;

/** kbit/s by the index in the header; index 0 is "free format", which no speech provider makes. */
const KILOBITS = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** Hz by the two version bits (2.5, reserved, 2, 1) and the rate index. */
const SAMPLE_RATES = [[11_025, 12_000, 8_000], [], [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]] as const;

/** Bytes of side information by version and channels. */
const SIDE_BYTES = { mpeg1: { 1: 17, 2: 32 }, mpeg2: { 1: 9, 2: 17 } } as const;
const SAMPLES = { mpeg1: 1_152, mpeg2: 576 } as const;

/** @returns the bytes of a frame without its padding byte (ISO 11172-3 §2.4.3.1) */
function bytesOf(samples: number, bitrate: number, sampleRate: number): number {
  return Math.floor(((samples / 8) * bitrate) / sampleRate);
}

/**
 * Reads four bytes as a frame header.
 * @param file the frame itself may reach beyond its end
 * @param at where the header begins
 * @returns undefined when no layer III header stands there
 */
export function readFrame(file: Uint8Array, at: number): Mp3Frame | undefined {
  // Byte by byte: an hour of speech has 140,000 frames, and a view for each of them took half of the time of a join.
  const second = file[at + 1] ?? 0;
  const third = file[at + 2] ?? 0;
  const fourth = file[at + 3] ?? 0;
  if (at + HEADER_BYTES > file.length || file[at] !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3;
  if (version === RESERVED_VERSION || ((second >> 1) & 3) !== LAYER_III) return undefined;
  const family = version === MPEG_1 ? 'mpeg1' : 'mpeg2';
  const kilobits = KILOBITS[family][third >> 4];
  const sampleRate = SAMPLE_RATES[version]?.[(third >> 2) & 3];
  if (!kilobits || !sampleRate) return undefined;
  const channels = fourth >> 6 === MONO ? 1 : 2;
  const bitrate = kilobits * 1_000;
  return {
    bytes: bytesOf(SAMPLES[family], bitrate, sampleRate) + ((third >> 1) & 1),
    samples: SAMPLES[family],
    sampleRate,
    channels,
    bitrate,
    headBytes: HEADER_BYTES + ((second & 1) === 0 ? CHECKSUM_BYTES : 0) + SIDE_BYTES[family][channels],
  };
}

/**
 * An empty frame like another one: same version, rate and channels, no check sum, no sound.
 * @param like a frame's first four bytes
 * @param room how many bytes must fit behind the side information
 * @returns the smallest frame with that room, and where it begins
 */
export function emptyFrame(like: Uint8Array, room: number): { frame: Uint8Array<ArrayBuffer>; at: number } {
  const [first = 0, second = 0, third = 0, fourth = 0] = like;
  for (let index = 1; index < KILOBITS.mpeg1.length; index += 1) {
    // No check sum, no padding.
    const header = Uint8Array.of(first, second | 1, (index << 4) | (third & 0x0c), fourth);
    const facts = readFrame(header, 0);
    if (!facts || facts.bytes < facts.headBytes + room) continue;
    const frame = new Uint8Array(facts.bytes);
    frame.set(header);
    return { frame, at: facts.headBytes };
  }
  throw new RangeError(`No MP3 frame has room for ${room} bytes.`);
}
