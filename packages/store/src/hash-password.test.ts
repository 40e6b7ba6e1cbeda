import { describe, expect, it } from 'vitest';
import { hashPassword, isOutdatedHash, makeOneTimePassword, verifyPassword } from './hash-password.ts';

/** `argon2 'somesalt'` of the reference implementation's own test: t=2, m=2^16, p=1, password "password". */
const REFERENCE = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('hashPassword', () => {
  it('writes a PHC string with 19 MiB, two passes and one lane', async () => {
    expect(await hashPassword('correct horse battery')).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  it('salts: the same password never gives the same hash', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });
});

describe('verifyPassword', () => {
  it('accepts the password that was hashed and refuses every other', async () => {
    const hash = await hashPassword('correct horse battery');
    expect(await verifyPassword('correct horse battery', hash)).toBe(true);
    expect(await verifyPassword('correct horse batterz', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('agrees with the reference implementation of argon2', async () => {
    expect(await verifyPassword('password', REFERENCE)).toBe(true);
    expect(await verifyPassword('Password', REFERENCE)).toBe(false);
  });

  it('takes composed and decomposed accents for the same password', async () => {
    expect(await verifyPassword('caf\u0065\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
  });

  it('is false without a user and for a hash that is none of ours', async () => {
    expect(await verifyPassword('x', null)).toBe(false);
    for (const hash of [
      '',
      'x',
      '$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
      '$2b$10$abcdefghijklmnopqrstuv',
    ]) {
      expect(await verifyPassword('x', hash)).toBe(false);
    }
  });

  it('spends the same kind of work on an unknown user as on a known one', async () => {
    const hash = await hashPassword('known');
    const time = async (stored: string | null): Promise<number> => {
      const start = process.cpuUsage();
      await verifyPassword('guess', stored);
      return process.cpuUsage(start).user;
    };
    await time(hash);
    const known = Math.min(await time(hash), await time(hash), await time(hash));
    const unknown = Math.min(await time(null), await time(null), await time(null));
    expect(unknown).toBeGreaterThan(known / 3);
  });
});

describe('isOutdatedHash', () => {
  it('is false for a fresh hash and true for another cost or another kind of hash', async () => {
    expect(isOutdatedHash(await hashPassword('x'))).toBe(false);
    expect(isOutdatedHash(REFERENCE)).toBe(true);
    expect(isOutdatedHash('')).toBe(true);
  });
});

describe('makeOneTimePassword', () => {
  it('gives four groups of five readable signs, never twice the same', () => {
    const made = new Set(Array.from({ length: 200 }, makeOneTimePassword));
    expect(made.size).toBe(200);
    for (const password of made) expect(password).toMatch(/^[0-9a-hjkmnp-tv-z]{5}(-[0-9a-hjkmnp-tv-z]{5}){3}$/);
  });
});
