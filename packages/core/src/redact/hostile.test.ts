import { describe, expect, test } from 'vitest';
import { redact } from '../redact.ts';
import { fillBack } from './fill-back.ts';

const CHARACTERS = 200_000;
/** Quadratic work on 200,000 characters takes minutes; linear work takes a tenth of a second, and machines may be busy. */
const BOUND_MS = 5_000;

const NUMBERS = [
  '7',
  '1 ',
  '07 31 ',
  '0-',
  '1.',
  '(0',
  '+',
  '0ー',
  '７',
  '1\u200b',
  '090-1234-5678 ',
  '4111 1111 1111 1111 ',
  '219-09-9999 ',
];
const ADDRESSES = ['@', 'a@', 'a', 'a.', 'a@b.c', ' @ ', '花@', 'a%40', 'ab@cd.de ', '(at)', "a'"];
const HOSTS = [':', 'ab12:', '2001:db8::1 ', '192.168.1.9 ', 'g', '_:', '://a:', '://'];
const SECRETS = ['sk-', 'token=', 'token=aaaaaaaaaaaaaaaa ', 'eyJ', 'eyJaaaaaaaa.', '-----BEGIN PRIVATE KEY-----', '-', 'DE89 ', 'DE89'];
const CHARACTER_FORMS = ['⟦', '⟧', '⟦EMAIL_1⟧', '⟦EMAIL_', '\u0301', 'e\u0301', 'ﷺ1', '\ud800', ' '];

const repeat = (piece: string, length: number): string => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

function measure(text: string, knownNames?: string[]): number {
  const start = performance.now();
  const { text: redacted, values } = redact(text, { knownNames });
  expect(fillBack(redacted, values).text).toBe(text);
  return performance.now() - start;
}

describe('hostile text', () => {
  test.each([...NUMBERS, ...ADDRESSES, ...HOSTS, ...SECRETS, ...CHARACTER_FORMS])(
    'of %j again and again takes time in proportion to its length',
    (piece) => {
      expect(measure(repeat(piece, CHARACTERS))).toBeLessThan(BOUND_MS);
    },
  );

  test.each(['7', '@'])('of a million %j is read in time', (piece) => {
    expect(measure(repeat(piece, 1_000_000))).toBeLessThan(BOUND_MS);
  });

  test('that almost is a known name takes time in proportion to its length', () => {
    const names = Array.from({ length: 100 }, (_, index) => `${'a'.repeat(50)}${index}`);
    expect(measure(repeat('a', CHARACTERS), names)).toBeLessThan(BOUND_MS);
    expect(measure(repeat('山田 ', CHARACTERS), ['山'.repeat(200), '山田太郎'])).toBeLessThan(BOUND_MS);
  });
});
