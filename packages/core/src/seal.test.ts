import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AiCoreError } from './errors.ts';
import type { Placeholder } from './redact/placeholder.ts';
import { createSealKey, openValues, parseSealKey, sealValues } from './seal.ts';

const VALUES: Placeholder[] = [
  { token: '⟦EMAIL_1⟧', kind: 'EMAIL', value: '花子＠example.jp' },
  { token: '⟦NAME_1⟧', kind: 'NAME', value: 'half \ud800 a pair' },
];
const key = parseSealKey(createSealKey());
const context = { key, requestId: '0198c1f0-7d3a-7000-8000-000000000001' };

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (AiCoreError.is(error)) return error.reason;
    throw error;
  }
  return 'nothing was thrown';
}

describe('sealValues and openValues', () => {
  test('give back what was sealed, for the same request and key', () => {
    expect(openValues(sealValues(VALUES, context), context)).toEqual(VALUES);
    expect(openValues(sealValues([], context), context)).toEqual([]);
  });

  test('never give the same bytes twice, and show nothing of the values', () => {
    const [one, other] = [sealValues(VALUES, context), sealValues(VALUES, context)];
    expect(Buffer.from(one).equals(other)).toBe(false);
    expect(Buffer.from(one).includes('EMAIL')).toBe(false);
  });

  test('open bytes that come back from a database as a plain Uint8Array', () => {
    expect(openValues(new Uint8Array(sealValues(VALUES, context)), context)).toEqual(VALUES);
  });

  test('refuse values of another request', () => {
    const reason = reasonOf(() => openValues(sealValues(VALUES, context), { key, requestId: 'another' }));
    expect(reason).toMatch(/belong to another request/);
  });

  test('say so when the key is another one', () => {
    const other = { ...context, key: parseSealKey(createSealKey()) };
    expect(reasonOf(() => openValues(sealValues(VALUES, context), other))).toMatch(/another AI_CORE_SEAL_KEY/);
  });

  test('refuse bytes of which any single one was changed', () => {
    const sealed = sealValues(VALUES, context);
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const changed = Uint8Array.from(sealed, (byte, at) => (at === index ? byte ^ change : byte));
        expect(() => openValues(changed, context)).toThrow(AiCoreError);
      }),
    );
  });

  test('name the version they cannot read and the row that is cut short', () => {
    const sealed = sealValues(VALUES, context);
    expect(
      reasonOf(() =>
        openValues(
          Uint8Array.from(sealed, (byte, at) => (at === 0 ? 9 : byte)),
          context,
        ),
      ),
    ).toMatch(/version 9/);
    expect(reasonOf(() => openValues(sealed.subarray(0, 20), context))).toMatch(/20 bytes/);
  });
});

describe('parseSealKey', () => {
  const bytes = randomBytes(32);

  test.each([
    ['base64', bytes.toString('base64')],
    ['base64 without padding', bytes.toString('base64').replace('=', '')],
    ['base64url', bytes.toString('base64url')],
    ['hexadecimal', bytes.toString('hex')],
    ['hexadecimal in capitals', bytes.toString('hex').toUpperCase()],
    ['a line with its end', `${bytes.toString('base64')}\n`],
  ])('reads %s', (_case, text) => {
    expect(parseSealKey(text).export()).toEqual(bytes);
  });

  test.each([
    ['nothing', '', /empty/],
    ['a sentence', 'correct horse battery staple', /neither base64 nor hexadecimal/],
    ['too few bytes', randomBytes(16).toString('base64'), /holds 16 bytes/],
    ['too many bytes', randomBytes(33).toString('base64'), /holds 33 bytes/],
    ['hexadecimal that is too short', bytes.toString('hex').slice(2), /bytes/],
    ['one byte again and again', '00'.repeat(32), /repeats one byte/],
  ])('refuses %s and says what a key looks like, without the key', (_case, text, reason) => {
    const message = reasonOf(() => parseSealKey(text));
    expect(message).toMatch(reason);
    expect(message).toContain('openssl rand -base64 32');
    if (text !== '') expect(message).not.toContain(text);
  });
});
