import { createMp3Encoder } from 'wasm-media-encoders';

export interface Mp3Format {
  readonly sampleRate: 24_000 | 44_100;
  readonly kilobitsPerSecond: 64 | 128;
}

/** Samples encoded at a time. */
const BLOCK = 44_100;

/**
 * Encodes mono sound to MP3. Constant bit rate: this encoder's variable one writes no header, and players show wrong lengths.
 * @param samples -1 to 1
 */
export async function encodeMp3(samples: Float32Array, { sampleRate, kilobitsPerSecond }: Mp3Format): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate, channels: 1, bitrate: kilobitsPerSecond });
  const parts: Uint8Array[] = [];
  // The encoder hands out views of one buffer that it overwrites.
  for (let at = 0; at < samples.length; at += BLOCK) parts.push(encoder.encode([samples.subarray(at, at + BLOCK)]).slice());
  parts.push(encoder.finalize().slice());
  return Buffer.concat(parts);
}

/** Sound as signed 16-bit little-endian samples. @param samples -1 to 1 */
export function toPcm16(samples: Float32Array): Uint8Array {
  const pcm = Buffer.alloc(samples.length * 2);
  for (const [index, sample] of samples.entries()) pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), index * 2);
  return pcm;
}
