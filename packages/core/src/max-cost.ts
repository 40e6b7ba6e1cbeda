/** The most a call can cost, written down before it is made. */
import { ratesByUnit } from './compute-cost.ts';
import type { Price, Rates } from './price.ts';

/** Counts no call of this request can exceed. */
export interface UsageBound {
  /** From boundTokens() of everything that is sent. */
  readonly inputTokens: number;
  /** The output limit that is sent along; reasoning counts inside it. */
  readonly outputTokens: number;
  readonly audioOutputTokens: number;
  /** Characters to be spoken. */
  readonly characters: number;
}

const UNITS_PER_RATE = 1_000_000n;

/** The dearer of two rates; null counts for nothing here, because the other one is a real rate. */
function dearer(...rates: (bigint | null)[]): bigint | null {
  let dearest: bigint | null = null;
  for (const rate of rates) if (rate !== null && (dearest === null || rate > dearest)) dearest = rate;
  return dearest;
}

/** The bound at one set of rates, in nano-USD per million units, not yet divided. */
function boundAt(bound: UsageBound, rates: Rates, perRequestNanoUsd: bigint): bigint | null {
  const rate = ratesByUnit(rates, perRequestNanoUsd);
  // Some providers write their prompt cache unasked, at a rate above that of plain input.
  const inputRate = rate.input === null ? null : dearer(rate.input, rate.cached_input, rate.cache_write, rate.cache_write_long);
  const parts: [number, bigint | null][] = [
    [bound.inputTokens, inputRate],
    [bound.outputTokens, rate.output],
    [bound.audioOutputTokens, rate.audio_output],
    [bound.characters, rate.characters],
    [1, rate.request],
  ];
  let sum = 0n;
  for (const [quantity, unitRate] of parts) {
    if (quantity === 0) continue;
    if (unitRate === null) return null;
    sum += BigInt(Math.ceil(quantity)) * unitRate;
  }
  return sum;
}

/**
 * The most a call within `bound` can cost: every input token at the dearest input rate, the whole output limit used, no batch
 * discount, long-context rates as soon as the bound allows them; rounded up. computeCost() of a usage within the bound is
 * never more.
 * @returns nano-USD, or null when a rate that may be needed is not known
 */
export function maxCost(bound: UsageBound, price: Price | null): bigint | null {
  if (price === null) return null;
  const normal = boundAt(bound, price.rates, price.perRequestNanoUsd);
  const long =
    price.longContext !== null && bound.inputTokens > price.longContext.above
      ? boundAt(bound, price.longContext.rates, price.perRequestNanoUsd)
      : normal;
  if (normal === null || long === null) return null;
  const dearest = normal > long ? normal : long;
  return (dearest + UNITS_PER_RATE - 1n) / UNITS_PER_RATE;
}
