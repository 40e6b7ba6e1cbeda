import { hash } from 'node:crypto';

/** A number from 0 up to but not including 1. */
export type Random = () => number;

/** @param seed the same seed gives the same numbers in the same order */
export function createRandom(seed: string): Random {
  let state = Number.parseInt(hash('sha256', seed).slice(0, 8), 16);
  // Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for one month.
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both included. */
export function drawInteger(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/**
 * A log-normal length: many short ones and a few long ones.
 * @param sigma standard deviation of the logarithm
 */
export function drawLength(random: Random, { median, sigma, most }: { median: number; sigma: number; most: number }): number {
  // A normal deviate by Box and Muller (1958).
  const deviate = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(most, Math.max(1, Math.round(median * Math.exp(sigma * deviate))));
}

/**
 * Draws from items of unequal weight.
 * @param weights one for each item, not all 0
 * @returns the index of an item for each call
 */
export function weightedDraw(weights: readonly number[]): (random: Random) => number {
  let sum = 0;
  const sums = weights.map((weight) => (sum += weight));
  return (random) => {
    const wanted = random() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
