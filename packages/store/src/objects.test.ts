import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { objectKey, objectPrefix } from './objects.ts';

const sha256 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));

describe('objectKey', () => {
  it('is made of the kind and the hash of the content', () => {
    const hash = `ab${'0'.repeat(62)}`;
    expect(objectKey({ simulated: false, sha256: hash })).toBe(`audio/real/ab/${hash}.mp3`);
    expect(objectKey({ simulated: true, sha256: hash })).toBe(`audio/simulated/ab/${hash}.mp3`);
  });

  it('never mixes simulated and real sounds', () => {
    fc.assert(
      fc.property(sha256, fc.boolean(), (hash, simulated) => {
        const key = objectKey({ simulated, sha256: hash });
        return key.startsWith(objectPrefix(simulated)) && !key.startsWith(objectPrefix(!simulated));
      }),
    );
  });

  it.for(['', 'abc', 'A'.repeat(64), `../${'a'.repeat(61)}`, 'a'.repeat(65)])('refuses %j, which is no hash', (hash) => {
    expect(() => objectKey({ simulated: true, sha256: hash })).toThrow(RangeError);
  });
});
