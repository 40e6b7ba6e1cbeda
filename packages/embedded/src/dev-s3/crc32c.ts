/** CRC-32C (Castagnoli, RFC 3720), polynomial 0x1EDC6F41 with its bits reversed. */
const REVERSED_POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ REVERSED_POLYNOMIAL : remainder >>> 1;
  return remainder;
});

/** @param start result for the bytes before these @returns an unsigned 32-bit number */
export function crc32c(bytes: Uint8Array, start = 0): number {
  let remainder = ~start;
  for (const byte of bytes) remainder = (TABLE[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8);
  return ~remainder >>> 0;
}
