import { describe, expect, test } from 'vitest';
import { CHECKSUM_NAMES, startChecksum, type ChecksumName } from './checksums.ts';

/** Check values of the algorithms' catalogues: over the nine bytes `123456789`. */
const CHECK_VALUES: Record<ChecksumName, string> = {
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
};

describe.each(CHECKSUM_NAMES)('%s', (name) => {
  test('gives the known check value, in one piece or several', () => {
    for (const pieces of [['123456789'], ['1', '', '2345', '6789']]) {
      const checksum = startChecksum(name);
      for (const piece of pieces) checksum.update(Buffer.from(piece));
      expect(Buffer.from(checksum.digest(), 'base64').toString('hex')).toBe(CHECK_VALUES[name]);
    }
  });
});
