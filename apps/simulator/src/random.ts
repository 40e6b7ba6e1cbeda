/** A number from 0 up to but not including 1. */
export type Random = () => number;

/**
 * A repeatable stream of numbers: mulberry32 over an FNV-1a hash of the seed.
 * @param seed any text; the same text gives the same stream
 */
export function seededRandom(seed: string): Random {
  let state = 0x811c9dc5;
  for (let index = 0; index < seed.length; index += 1) state = Math.imul(state ^ seed.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the items. */
export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** The items over and over, in a new order each round, so that none comes back before all others have been. */
export function* rounds<Item>(random: Random, items: readonly Item[]): Generator<Item, never> {
  for (;;) {
    const left = [...items];
    while (left.length > 0) yield* left.splice(Math.floor(random() * left.length), 1);
  }
}
