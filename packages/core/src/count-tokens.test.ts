import { countTokens as countWhole } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { countTokens } from './count-tokens.ts';

const TEXTS = {
  English: 'Photosynthesis turns light, water and carbon dioxide into sugar and oxygen. '.repeat(300),
  Japanese: '光合成は、光と水と二酸化炭素から糖と酸素を作ります。これは植物の葉の中で起こります。'.repeat(200),
  code: 'export function add(one: number, two: number): number {\n  return one + two;\n}\n'.repeat(200),
  emoji: '🎓🧑‍🏫👩‍🔬 '.repeat(300),
};

describe('countTokens', () => {
  it.for(Object.entries(TEXTS))('counts %s like the tokenizer does, at most 2 in 100 too high', async ([, text]) => {
    const [ours, whole] = [await countTokens(text), countWhole(text)];
    expect(ours).toBeGreaterThanOrEqual(whole);
    expect(ours).toBeLessThanOrEqual(whole * 1.02 + 1);
  });

  it('takes words that mean something to a tokenizer for words', async () => {
    expect(await countTokens('<|endoftext|>')).toBeGreaterThan(1);
    expect(await countTokens('')).toBe(0);
  });

  it('is not slowed down by a run without a break, and lets other work go on', async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    const since = performance.now();
    const letters = Array.from({ length: 100_000 }, (_, n) => String.fromCharCode(97 + ((n * n * 31 + n * 7) % 26))).join('');
    expect(await countTokens(letters)).toBeGreaterThan(20_000);
    clearInterval(turning);
    expect(performance.now() - since).toBeLessThan(4_000);
    expect(turns).toBeGreaterThan(0);
  });
});
