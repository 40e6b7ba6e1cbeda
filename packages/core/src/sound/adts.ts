/** AAC in ADTS frames: each begins with a header that tells its length (ISO/IEC 13818-7, 6.2). */
const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const HEADER_BYTES = 7;
const SAMPLES_OF_BLOCK = 1_024;

/** @returns the length of an ADTS stream in seconds; null when it is none, or ends within a frame */
export function adtsSeconds(bytes: Uint8Array): number | null {
  const byte = (at: number): number => bytes[at] ?? 0;
  let seconds = 0;
  let at = 0;
  while (at < bytes.length) {
    const rate = RATES[(byte(at + 2) >> 2) & 15];
    const length = ((byte(at + 3) & 3) << 11) | (byte(at + 4) << 3) | (byte(at + 5) >> 5);
    const isFrame = byte(at) === 0xff && (byte(at + 1) & 0xf6) === 0xf0 && rate !== undefined && length >= HEADER_BYTES;
    if (!isFrame || at + length > bytes.length) return null;
    seconds += (SAMPLES_OF_BLOCK * ((byte(at + 6) & 3) + 1)) / rate;
    at += length;
  }
  return at === 0 ? null : seconds;
}
