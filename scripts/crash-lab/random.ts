/** A repeatable source of everything that is left to chance. */
export interface Random {
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number;
  /** One of the items. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** The items in a new order. */
  shuffle<Item>(items: readonly Item[]): Item[];
}

const GOLDEN = 0x9e3779b9;

/**
 * The one generator of a run: SplitMix with 32 bits of state.
 * @param seed the same seed gives the same numbers in the same order
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;

  function next(): number {
    state = (state + GOLDEN) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));

  return {
    next,
    integer,
    pick: (items) => items[integer(0, items.length - 1)] ?? items[0],
    shuffle(items) {
      const shuffled = [...items];
      // Fisher and Yates: from the end, each place gets one of those not yet placed.
      for (let last = shuffled.length - 1; last > 0; last--) {
        const chosen = integer(0, last);
        [shuffled[last], shuffled[chosen]] = [shuffled[chosen] as never, shuffled[last] as never];
      }
      return shuffled;
    },
  };
}

/**
 * Moments spread over a span: one at random in each of `count` equal parts, so that there is neither a heap nor a hole.
 * @returns milliseconds from the start of the span, rising
 */
export function spreadMoments(random: Random, count: number, spanMs: number): number[] {
  return Array.from({ length: count }, (_, part) => Math.floor(((part + random.next()) / count) * spanMs));
}
