/** Tags around the sound: ID3v2 (id3.org/id3v2.4.0-structure §3), ID3v1, APEv2 (hydrogenaudio, "APE Tags Header"). */

const ID3V2_HEADER_BYTES = 10;
const ID3V2_HAS_FOOTER = 0x10;
const ID3V1_BYTES = 128;
const ID3V1_ENHANCED_BYTES = 227;
const APE_HEADER_BYTES = 32;
const APE_IS_HEADER = 0x2000_0000;

/** @returns true when the characters of the mark stand at `at` */
export function startsWith(file: Uint8Array, at: number, mark: string): boolean {
  for (let index = 0; index < mark.length; index += 1) if (file[at + index] !== mark.charCodeAt(index)) return false;
  return true;
}

function littleEndian(file: Uint8Array, at: number): number {
  return [3, 2, 1, 0].reduce((value, index) => value * 256 + (file[at + index] ?? 0), 0);
}

function id3v2Bytes(file: Uint8Array, at: number): number {
  const size = [6, 7, 8, 9].map((index) => file[at + index] ?? 0xff);
  // Sizes have seven bits a byte; anything else is no tag.
  if (size.some((byte) => byte > 127)) return 0;
  const footer = ((file[at + 5] ?? 0) & ID3V2_HAS_FOOTER) === 0 ? 0 : ID3V2_HEADER_BYTES;
  return ID3V2_HEADER_BYTES + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer;
}

/** A tag that begins with its header; a footer without one is only itself, its items stand before it. */
function apeBytes(file: Uint8Array, at: number): number {
  const isHeader = (littleEndian(file, at + 20) & APE_IS_HEADER) !== 0;
  return isHeader ? APE_HEADER_BYTES + littleEndian(file, at + 12) : APE_HEADER_BYTES;
}

/** @returns the bytes of the tag that begins at `at`, though the file may be shorter; 0 when none does */
export function tagBytes(file: Uint8Array, at: number): number {
  if (startsWith(file, at, 'ID3')) return id3v2Bytes(file, at);
  if (startsWith(file, at, 'APETAGEX')) return apeBytes(file, at);
  if (startsWith(file, at, 'TAG+')) return ID3V1_ENHANCED_BYTES;
  return startsWith(file, at, 'TAG') ? ID3V1_BYTES : 0;
}

/** @returns the bytes of items that belong to the APE footer at `at` and stand right before it; 0 when there is none */
export function apeItemBytes(file: Uint8Array, at: number): number {
  if (!startsWith(file, at, 'APETAGEX') || apeBytes(file, at) !== APE_HEADER_BYTES) return 0;
  return Math.max(0, littleEndian(file, at + 12) - APE_HEADER_BYTES);
}
