/** Opus in Ogg: pages, of which the last tells how many samples there are (RFC 3533, RFC 7845). */
const PAGE_HEAD = 27;
/** Opus counts its samples at this rate whatever the sound was recorded at. */
const RATE = 48_000;
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/** @returns the length of an Ogg Opus file in seconds; null when it is none, or ends within a page */
export function oggOpusSeconds(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number, length: number): string => Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
  let preSkip: number | null = null;
  let samples = 0n;
  for (let at = 0; at < bytes.length;) {
    if (at + PAGE_HEAD > bytes.length || text(at, 4) !== 'OggS') return null;
    const segments = view.getUint8(at + 26);
    const body = at + PAGE_HEAD + segments;
    if (body > bytes.length) return null;
    const end = body + bytes.subarray(at + PAGE_HEAD, body).reduce((sum, length) => sum + length, 0);
    if (end > bytes.length) return null;
    if (preSkip === null) {
      if (end - body < 12 || text(body, 8) !== 'OpusHead') return null;
      preSkip = view.getUint16(body + 10, true);
    }
    const position = view.getBigUint64(at + 6, true);
    if (position !== UNKNOWN) samples = position;
    at = end;
  }
  return preSkip === null ? null : Math.max(0, Number(samples) - preSkip) / RATE;
}
