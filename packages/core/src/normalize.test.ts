import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertStorable, normalize, toNfc } from './normalize.ts';

const anyText = fc.string({ unit: 'binary' });
const space = fc.constantFrom(' ', '\t', '\n', '\r\n', '\u00a0', '\u2003', '\u3000', '\u2028', '\ufeff');
const word = fc.stringMatching(/^[a-zA-Z0-9éÉßΣ語ｑ]{1,8}$/);

describe('normalize', () => {
  it('loose folds every run of white space, also full-width and no-break, into one space', () => {
    expect(normalize('  ＱＵＩＺ　テスト\u00a0\u2028\t日本語\r\n', 'loose')).toBe('ｑｕｉｚ テスト 日本語');
  });

  it('loose lowers by the Unicode default, with the final sigma and without a locale', () => {
    expect(normalize('İSTANBUL ΣΊΣΥΦΟΣ STRASSE ẞ', 'loose')).toBe('i̇stanbul σίσυφος strasse ß');
  });

  it('exact keeps case, inner spaces and indentation, and makes every line end LF', () => {
    expect(normalize('\r\n def f():\r\n    return  1\rX\r\n', 'exact')).toBe('def f():\n    return  1\nX');
  });

  it('gives composed and decomposed text the same form', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('loose' as const, 'exact' as const), (text, normalization) => {
        fc.pre(text.isWellFormed());
        expect(normalize(text.normalize('NFD'), normalization)).toBe(normalize(text.normalize('NFC'), normalization));
      }),
    );
  });

  it('is one form for any spacing and any ASCII case of the same words', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, space, space), { minLength: 1 }), (parts) => {
        const plain = parts.map(([text]) => text).join(' ');
        const spaced = parts.map(([text, one, two]) => `${one}${two}${text.replace(/[a-z]/g, (letter) => letter.toUpperCase())}`).join('');
        expect(normalize(spaced, 'loose')).toBe(normalize(plain, 'loose'));
      }),
    );
  });

  it('changes nothing more when applied to its own composed result', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('loose' as const, 'exact' as const), (text, normalization) => {
        fc.pre(text.isWellFormed());
        const once = normalize(text, normalization);
        // Lowering may leave a letter and a mark that compose ("J̌"): the form is defined as NFC first, lower case last.
        expect(normalize(once, normalization)).toBe(once.normalize('NFC'));
      }),
    );
  });

  it('answers the same by its short way for Latin-1 text as the definition does', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 1, max: 0x17f }).map((code) => String.fromCharCode(code)) }), (text) => {
        expect(normalize(text, 'loose')).toBe(text.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase());
        expect(toNfc(text)).toBe(text.normalize('NFC'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('assertStorable', () => {
  it('refuses U+0000 and both halves of a surrogate pair alone', () => {
    for (const text of ['a\0b', '\ud83d', '\ude42x'])
      expect(() => assertStorable(text, 'prompt')).toThrow(/^REQUEST_INVALID: prompt contains/);
  });

  it('accepts whole pairs, other control characters and the empty text', () => {
    for (const text of ['🙂', '\u0001\u001f\u007f', '']) expect(() => assertStorable(text, 'prompt')).not.toThrow();
  });

  it('never repeats the text it refuses', () => {
    expect(() => assertStorable('my secret\0', 'prompt')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') }),
    );
  });
});
