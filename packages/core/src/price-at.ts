import type { Price } from './price.ts';

/** Whose price, and when. */
export interface PriceQuestion {
  readonly provider: string;
  readonly modelName: string;
  readonly at: Date;
}

/**
 * The price of a model at a moment. A price holds from `effectiveFrom` on, until `effectiveTo` or a later price.
 * @returns null when none was in effect: the call is then unpriced, never free
 */
export function priceAt(prices: readonly Price[], { provider, modelName, at }: PriceQuestion): Price | null {
  let found: Price | null = null;
  for (const price of prices) {
    if (price.provider !== provider || price.modelName !== modelName) continue;
    if (price.effectiveFrom > at || (price.effectiveTo !== null && price.effectiveTo <= at)) continue;
    if (found === null || price.effectiveFrom > found.effectiveFrom) found = price;
  }
  return found;
}
