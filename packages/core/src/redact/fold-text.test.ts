import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from './fold-text.ts';

describe('foldText', () => {
  test.each([
    ['full-width forms', 'ＡＢ＠１２', 'AB@12'],
    ['every dash', '‐‑‒–—―−－﹣', '---------'],
    ['no wave dash', '3〜5', '3〜5'],
    ['the long vowel mark between digits only', '090ー1234 スーパー3 3ー', '090-1234 スーパー3 3ー'],
    ['the half-width long vowel mark', '1ｰ2 ｽｰﾊﾟｰ', '1-2 スーパー'],
    ['Unicode spaces', 'a\u3000b\u00a0c\u2009d', 'a b c d'],
    ['invisible characters', 'a\u200bb\u00adc\u2060d\ufeffe\u202ef', 'abcdef'],
    ['digits of other scripts', '٠٩ ०९ 𝟗 ９', '09 09 9 9'],
    ['keycaps', '0\ufe0f\u20e39\ufe0f\u20e3', '09'],
    ['no numbers that are not decimal digits', '①² ½', '①² ½'],
    ['decomposed letters and voicing marks', 'e\u0301 ｶﾞ か\u3099', 'é ガ が'],
    ['decomposed Hangul', '\u1100\u1161\u11a8', '각'],
    ['brackets of placeholders never', '⟦⟧\u0301', '⟦⟧\u0301'],
  ])('folds %s', (_case, text, folded) => {
    expect(foldText(text).text).toBe(folded);
  });

  test('leads every folded character back to the stretch it came from', () => {
    const unit = fc.oneof(
      fc.constantFrom('ー', 'ﾞ', '\u0301', '\u200b', '１', 'ﷺ', 'A', '1', '⟦', '🙂'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const text = units.join('');
        const folded = foldText(text);
        let end = 0;
        for (let index = 0; index < folded.text.length; index++) {
          expect(folded.endOf(index)).toBeGreaterThan(folded.startOf(index));
          expect(folded.startOf(index)).toBeGreaterThanOrEqual(index > 0 && folded.startOf(index) === folded.startOf(index - 1) ? 0 : end);
          end = folded.endOf(index);
        }
        expect(end).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
