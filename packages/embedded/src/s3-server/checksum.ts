import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The checksums S3 knows, as running calculations; each ends as base64 of big-endian bytes.
 * Source: Amazon S3 user guide, "Checking object integrity".
 */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/** Reflected Castagnoli polynomial (RFC 3720). */
const CRC32C_POLYNOMIAL = 0x82_f6_3b_78;
/** Reflected polynomial of CRC-64/NVME (NVM Express specification), as its high and low half. */
const CRC64NVME_POLYNOMIAL = { high: 0x9a_6c_93_29, low: 0xac_4b_c9_b5 };

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
  return value;
});

function makeCrc64Table(): { high: Uint32Array; low: Uint32Array } {
  const table = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) {
        high ^= CRC64NVME_POLYNOMIAL.high;
        low ^= CRC64NVME_POLYNOMIAL.low;
      }
    }
    table.high[byte] = high;
    table.low[byte] = low;
  }
  return table;
}
const CRC64_TABLE = makeCrc64Table();

function base64Of(...words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word >>> 0, index * 4);
  return bytes.toString('base64');
}

function startCrc32(): Checksum {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest: () => base64Of(value),
  };
}

function startCrc32c(): Checksum {
  let value = -1;
  return {
    update(bytes) {
      for (const byte of bytes) value = (CRC32C_TABLE[(value ^ byte) & 255] ?? 0) ^ (value >>> 8);
    },
    digest: () => base64Of(~value),
  };
}

function startCrc64nvme(): Checksum {
  let [high, low] = [-1, -1];
  return {
    update(bytes) {
      for (const byte of bytes) {
        const index = (low ^ byte) & 255;
        low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE.low[index] ?? 0);
        high = (high >>> 8) ^ (CRC64_TABLE.high[index] ?? 0);
      }
    },
    digest: () => base64Of(~high, ~low),
  };
}

function startHash(algorithm: 'sha1' | 'sha256'): Checksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
}

const CHECKSUMS = {
  crc32: startCrc32,
  crc32c: startCrc32c,
  crc64nvme: startCrc64nvme,
  sha1: () => startHash('sha1'),
  sha256: () => startHash('sha256'),
} as const satisfies Record<string, () => Checksum>;

export type ChecksumName = keyof typeof CHECKSUMS;
/** Values by algorithm, base64. */
export type Checksums = Partial<Record<ChecksumName, string>>;

export const CHECKSUM_NAMES = Object.keys(CHECKSUMS) as readonly ChecksumName[];

export function startChecksum(name: ChecksumName): Checksum {
  return CHECKSUMS[name]();
}

/** @returns the algorithm that a header or trailer like `x-amz-checksum-crc32` names, undefined for any other */
export function checksumOfHeader(header: string): ChecksumName | undefined {
  return CHECKSUM_NAMES.find((name) => header === `x-amz-checksum-${name}`);
}

/** Response headers that tell the checksums of a whole object. */
export function checksumHeaders(checksums: Checksums): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]));
}
