/** What a number of units costs at a price, without discounts: for forecasts, never for bills. */
import { ratesByUnit, type CostUnit } from './compute-cost.ts';
import type { Price } from './price.ts';

const UNITS_PER_RATE = 1_000_000n;

/**
 * @param units how many of each unit; may be sums over many calls, so that prices of long contexts do not apply
 * @returns nano-USD, rounded half up; null when a unit that was used has no rate
 */
export function priceUnits(price: Price, units: Partial<Record<CostUnit, number>>): bigint | null {
  const rates = ratesByUnit(price.rates, price.perRequestNanoUsd);
  let exact = 0n;
  for (const [unit, quantity] of Object.entries(units) as [CostUnit, number][]) {
    if (quantity === 0) continue;
    const rate = rates[unit];
    if (rate === null) return null;
    exact += BigInt(quantity) * rate;
  }
  return (exact + UNITS_PER_RATE / 2n) / UNITS_PER_RATE;
}
