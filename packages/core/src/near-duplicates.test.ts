import { expect, it } from 'vitest';
import { createNearDuplicateFilter } from './near-duplicates.ts';

/** Words of a made-up language: the same for the same seed. */
function prose(seed: number, words: number): string[] {
  let state = seed;
  return Array.from({ length: words }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return `w${(state >>> 8) % 5_000}`;
  });
}

it('knows a text again with two words in a hundred changed, in most cases', () => {
  const filter = createNearDuplicateFilter();
  let found = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const words = prose(seed, 100);
    expect(filter.isKnown(words.join(' '))).toBe(false);
    const changed = words.map((word, place) => (place === seed % 100 || place === 40 ? 'other' : word));
    if (filter.isKnown(changed.join(' '))) found++;
  }
  expect(found).toBeGreaterThan(140);
});

it('tells different texts apart, also when a third of them is the same', () => {
  const filter = createNearDuplicateFilter();
  const template = prose(7, 50).join(' ');
  for (let seed = 1; seed <= 2_000; seed++) expect(filter.isKnown(`${template} ${prose(seed, 100).join(' ')}`)).toBe(false);
  expect(filter.size).toBe(2_000);
});

it('takes short texts as they are', () => {
  const filter = createNearDuplicateFilter();
  expect(['a', 'b', 'a', '日本語の文', '日本語の本', '日本語の文'].map((text) => filter.isKnown(text))).toEqual([
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});
