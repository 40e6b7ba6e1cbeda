/** FLAC: a header, then frames with a checksum each (RFC 9639). The last one tells how long the sound is and that the file is whole. */
const STREAM_INFO_BYTES = 34;
const FIRST_FRAME_BYTES = 8 + STREAM_INFO_BYTES;

function crc(bytes: Uint8Array, { bits, polynomial }: { readonly bits: 8 | 16; readonly polynomial: number }): number {
  const [top, mask] = [1 << (bits - 1), (1 << bits) - 1];
  let value = 0;
  for (const byte of bytes) {
    value ^= byte << (bits - 8);
    for (let bit = 0; bit < 8; bit++) value = value & top ? ((value << 1) ^ polynomial) & mask : (value << 1) & mask;
  }
  return value;
}

export const crc8 = (bytes: Uint8Array): number => crc(bytes, { bits: 8, polynomial: 0x07 });
export const crc16 = (bytes: Uint8Array): number => crc(bytes, { bits: 16, polynomial: 0x8005 });

/** Block sizes by their code; 6 and 7: the size stands at the end of the header. */
function blockSize(code: number): number {
  if (code === 1) return 192;
  if (code >= 2 && code <= 5) return 576 << (code - 2);
  return code >= 8 ? 256 << (code - 8) : 0;
}

interface Frame {
  /** Number of the frame, or of its first sample where block sizes vary. */
  readonly number: number;
  readonly samples: number;
  readonly varies: boolean;
}

/** A number in the form of UTF-8, up to 36 bits. @returns undefined for what is none */
function readNumber(bytes: Uint8Array, at: number): { readonly value: number; readonly length: number } | undefined {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return { value: first, length: 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7) return undefined;
  let value = first & (0x7f >> length);
  for (let offset = 1; offset < length; offset++) value = value * 64 + ((bytes[at + offset] ?? 0) & 0x3f);
  return { value, length };
}

function readFrame(bytes: Uint8Array, at: number): Frame | undefined {
  const [one = 0, two = 0, three = 0] = bytes.subarray(at, at + 3);
  if (one !== 0xff || (two & 0xfe) !== 0xf8) return undefined;
  const number = readNumber(bytes, at + 4);
  if (number === undefined) return undefined;
  const [sizeCode, rateCode] = [three >> 4, three & 15];
  const sizeAt = at + 4 + number.length;
  const sizeBytes = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const end = sizeAt + sizeBytes + (rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0);
  if (end >= bytes.length || crc8(bytes.subarray(at, end)) !== bytes[end]) return undefined;
  const said = bytes.subarray(sizeAt, sizeAt + sizeBytes).reduce((value, byte) => value * 256 + byte, 0) + 1;
  return { number: number.value, samples: sizeBytes > 0 ? said : blockSize(sizeCode), varies: (two & 1) === 1 };
}

/** @returns the length of a FLAC file in seconds; null when it is none, or ends within a frame */
export function flacSeconds(bytes: Uint8Array): number | null {
  if (bytes.length < FIRST_FRAME_BYTES || Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'fLaC') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const usual = view.getUint16(8);
  const rate = view.getUint32(18) >>> 12;
  if (rate === 0) return null;
  for (let at = bytes.length - 6; at >= FIRST_FRAME_BYTES; at--) {
    const frame = readFrame(bytes, at);
    if (frame === undefined) continue;
    if (crc16(bytes.subarray(at, bytes.length - 2)) !== view.getUint16(bytes.length - 2)) continue;
    return (frame.varies ? frame.number + frame.samples : frame.number * usual + frame.samples) / rate;
  }
  return null;
}
