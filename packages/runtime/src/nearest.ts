/** How many single-character changes lead from one word to the other (Levenshtein). */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const change = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** @returns the word of a list that is most like the one given */
export function nearest(word: string, words: readonly string[]): string {
  return words.reduce((best, candidate) => (distance(word, candidate) < distance(word, best) ? candidate : best), words[0] ?? '');
}
