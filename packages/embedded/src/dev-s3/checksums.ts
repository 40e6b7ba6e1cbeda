import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64nvme.ts';

/** A checksum under way. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** @returns base64, as in S3's headers */
  digest(): string;
}

function runCrc32(next: (bytes: Uint8Array, start: number) => number): RunningChecksum {
  let value = 0;
  return {
    update: (bytes) => void (value = next(bytes, value)),
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function runHash(algorithm: string): RunningChecksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
}

const STARTERS = {
  crc32: () => runCrc32((bytes, start) => crc32(bytes, start)),
  crc32c: () => runCrc32(crc32c),
  crc64nvme() {
    const crc = new Crc64Nvme();
    return { update: (bytes) => crc.update(bytes), digest: () => crc.digest().toString('base64') };
  },
  sha1: () => runHash('sha1'),
  sha256: () => runHash('sha256'),
} as const satisfies Record<string, () => RunningChecksum>;

/** Checksums a client can send and ask for besides MD5. */
export type ChecksumName = keyof typeof STARTERS;
export type Checksums = Readonly<Partial<Record<ChecksumName, string>>>;

export const CHECKSUM_NAMES = Object.keys(STARTERS) as ChecksumName[];

export function startChecksum(name: ChecksumName): RunningChecksum {
  return STARTERS[name]();
}

export function checksumHeader(name: ChecksumName): `x-amz-checksum-${ChecksumName}` {
  return `x-amz-checksum-${name}`;
}

/** @returns the checksums as headers; they always cover the whole object */
export function checksumHeaders(checksums: Checksums): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([name, value]) => [`x-amz-checksum-${name}`, value]));
}
