/** What one provider call cost, to the nano-dollar, with the receipt that proves it. */
import type { Price, Rates } from './price.ts';
import { USAGE_COUNTS, type Usage } from './usage.ts';

export const COST_UNITS = [
  'input',
  'cached_input',
  'cache_write',
  'cache_write_long',
  'output',
  'audio_output',
  'characters',
  'request',
] as const;
export type CostUnit = (typeof COST_UNITS)[number];

/** One line of a receipt. */
export interface CostLine {
  readonly unit: CostUnit;
  readonly quantity: number;
  /** Nano-USD per million units; for `request` per million requests. Before the batch discount. */
  readonly rateNanoUsd: bigint;
  /** quantity x rate x batch basis points: exact, in units of 10^-10 nano-USD. */
  readonly exact: bigint;
  /** This line's share in whole nano-USD. The shares of a receipt add up to its cost. */
  readonly nanoUsd: bigint;
}

export interface Cost {
  /** null when a rate is not known or the usage is impossible: never 0 for something unknown. */
  readonly nanoUsd: bigint | null;
  readonly lines: readonly CostLine[];
  /** Units that were used and have no price. */
  readonly unpriced: readonly CostUnit[];
  /** What is impossible about the usage, in words; such a usage is not billed but looked at by a person. */
  readonly faults: readonly string[];
}

const UNITS_PER_RATE = 1_000_000n;
const FULL_BASIS_POINTS = 10_000n;
const EXACT_PER_NANO = UNITS_PER_RATE * FULL_BASIS_POINTS;

/** No single call of any provider comes near; a larger count is a broken answer, not a bill. */
const MAX_QUANTITY = 1_000_000_000;

/**
 * What is impossible about a usage, in words. Cache reads and writes are parts of the input, reasoning is a part of the output.
 * @returns an empty list for a usage that can be billed
 */
export function findUsageFaults(usage: Usage): string[] {
  const faults = USAGE_COUNTS.filter((count) => !Number.isSafeInteger(usage[count]) || usage[count] < 0 || usage[count] > MAX_QUANTITY).map(
    (count) => `${count} is not a count between 0 and ${MAX_QUANTITY}`,
  );
  if (usage.cacheReadTokens + usage.cacheWriteTokens + usage.cacheWriteLongTokens > usage.inputTokens) {
    faults.push('cache reads and writes are more than the input they are part of');
  }
  if (usage.reasoningTokens > usage.outputTokens) faults.push('reasoning is more than the output it is part of');
  return faults;
}

function halfUp(exact: bigint): bigint {
  return (exact + EXACT_PER_NANO / 2n) / EXACT_PER_NANO;
}

/** Quantity of each unit; the uncached input is what the cache did not read or write. */
function quantitiesOf(usage: Usage): Record<CostUnit, number> {
  return {
    input: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens - usage.cacheWriteLongTokens,
    cached_input: usage.cacheReadTokens,
    cache_write: usage.cacheWriteTokens,
    cache_write_long: usage.cacheWriteLongTokens,
    output: usage.outputTokens,
    audio_output: usage.audioOutputTokens,
    characters: usage.characters,
    request: 1,
  };
}

/** Nano-USD per million of each unit, with the fallbacks that `Rates` documents. */
export function ratesByUnit(rates: Rates, perRequestNanoUsd: bigint): Record<CostUnit, bigint | null> {
  return {
    input: rates.input,
    cached_input: rates.cachedInput ?? rates.input,
    cache_write: rates.cacheWrite ?? rates.input,
    cache_write_long: rates.cacheWriteLong ?? rates.cacheWrite ?? rates.input,
    output: rates.output,
    audio_output: rates.audioOutput,
    characters: rates.characters,
    request: perRequestNanoUsd * UNITS_PER_RATE,
  };
}

/**
 * The cost of a call: the sum over all units of quantity x rate, discounted when the provider ran it as a batch, rounded half
 * up to a whole nano-dollar once, at the end. When the whole input is longer than the price's long-context limit, every
 * token of the call is billed at the long-context rates (as OpenAI, Anthropic and Google do).
 * @param usage counts of one call, in the shape all providers share
 * @param price the price in effect when the call was made; null when none is known
 */
export function computeCost(usage: Usage, price: Price | null): Cost {
  const faults = findUsageFaults(usage);
  if (faults.length > 0) return { nanoUsd: null, lines: [], unpriced: [], faults };
  const quantities = quantitiesOf(usage);
  const used = COST_UNITS.filter((unit) => quantities[unit] > 0);
  if (price === null) return { nanoUsd: null, lines: [], unpriced: used, faults };

  const long = price.longContext !== null && usage.inputTokens > price.longContext.above;
  const rates = ratesByUnit(long && price.longContext !== null ? price.longContext.rates : price.rates, price.perRequestNanoUsd);
  const basisPoints = usage.batch ? BigInt(price.batchBasisPoints) : FULL_BASIS_POINTS;
  const lines: CostLine[] = [];
  const unpriced: CostUnit[] = [];
  let sum = 0n;
  for (const unit of used) {
    const rateNanoUsd = rates[unit];
    if (rateNanoUsd === null) {
      unpriced.push(unit);
      continue;
    }
    if (unit === 'request' && rateNanoUsd === 0n) continue;
    const exact = BigInt(quantities[unit]) * rateNanoUsd * basisPoints;
    // Rounding the running sum instead of each line makes the lines' shares add up to the rounded total.
    lines.push({ unit, quantity: quantities[unit], rateNanoUsd, exact, nanoUsd: halfUp(sum + exact) - halfUp(sum) });
    sum += exact;
  }
  return { nanoUsd: unpriced.length > 0 ? null : halfUp(sum), lines, unpriced, faults };
}
