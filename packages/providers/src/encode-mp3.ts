import { setImmediate } from 'node:timers/promises';
import { createMp3Encoder } from 'wasm-media-encoders';

/** Sample rates that both speech providers speak in and MP3 knows. */
const RATES = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] as const;
type Rate = (typeof RATES)[number];

/** Plenty for one voice at 24 kHz. */
const KILOBITS_PER_SECOND = 64;

function isRate(rate: number): rate is Rate {
  return RATES.some((known) => known === rate);
}

/**
 * Encodes headerless samples to MP3 at a constant bit rate, which needs no header to be played and joined right.
 * Encoding takes about 11 ms for each second of sound; in between other work gets its turn.
 * @param pcm signed 16-bit little-endian samples, one channel
 * @param sampleRate in Hz
 * @throws RangeError for a sample rate that MP3 does not have
 */
export async function encodeMp3(pcm: Uint8Array, sampleRate: number): Promise<Uint8Array> {
  if (!isRate(sampleRate)) throw new RangeError(`MP3 has no sample rate of ${sampleRate} Hz.`);
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const samples = Float32Array.from({ length: Math.floor(pcm.byteLength / 2) }, (_, index) => view.getInt16(index * 2, true) / 32_768);
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate, channels: 1, bitrate: KILOBITS_PER_SECOND });
  const parts: Uint8Array[] = [];
  // The encoder hands out views of a buffer that it overwrites.
  for (let at = 0; at < samples.length; at += sampleRate) {
    parts.push(encoder.encode([samples.subarray(at, at + sampleRate)]).slice());
    await setImmediate();
  }
  parts.push(encoder.finalize().slice());
  return Buffer.concat(parts);
}
