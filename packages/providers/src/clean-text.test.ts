import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, deltaCleaner } from './clean-text.ts';

/** Texts with everything that is trouble: NUL, both halves of surrogate pairs alone and together, emoji, kana. */
const trouble = fc.string({ unit: fc.constantFrom('a', 'é', 'か', '😀', '\u0000', '\ud83d', '\ude00') });

describe('cleanText', () => {
  it('keeps good text as it is', () => {
    expect(cleanText('Grüße, かな, 😀\n')).toBe('Grüße, かな, 😀\n');
  });

  it('removes U+0000 and replaces half characters, so that any database stores the text', () => {
    expect(cleanText('a\u0000b\ud83dc')).toBe('ab\ufffdc');
    fc.assert(fc.property(trouble, (text) => cleanText(text).isWellFormed() && !cleanText(text).includes('\u0000')));
  });
});

describe('deltaCleaner', () => {
  it('hands out, piece by piece, exactly the cleaned whole, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(trouble), (pieces) => {
        const handed: string[] = [];
        const cleaner = deltaCleaner((piece) => handed.push(piece));
        for (const piece of pieces) cleaner.push(piece);
        const whole = cleaner.end();
        expect(whole).toBe(cleanText(pieces.join('')));
        expect(handed.join('')).toBe(whole);
        expect(handed.every((piece) => piece !== '' && piece.isWellFormed())).toBe(true);
      }),
    );
  });

  it('waits for the second half of a character that was cut in two', () => {
    const handed: string[] = [];
    const cleaner = deltaCleaner((piece) => handed.push(piece));
    cleaner.push('a\ud83d');
    expect(handed).toEqual(['a']);
    cleaner.push('\ude00b');
    expect(handed).toEqual(['a', '😀b']);
    expect(cleaner.soFar()).toBe('a😀b');
  });
});
