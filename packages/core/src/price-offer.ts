import type { ProviderName } from './provider-facts.ts';
import type { Rates } from './price.ts';

/** A price as a public price list states it. What the list does not speak of is absent, and stays as it is. */
export interface PriceOffer {
  readonly provider: ProviderName;
  readonly modelName: string;
  /** null = the list gives no date: from now on. */
  readonly effectiveFrom: Date | null;
  readonly rates: Partial<Rates>;
  /** Nano-USD for each request. */
  readonly perRequestNanoUsd?: bigint | undefined;
  readonly batchBasisPoints?: number | undefined;
  readonly longContext?: { readonly above: number; readonly rates: Partial<Rates> } | undefined;
  /** UTC day on which the vendor ends the model, YYYY-MM-DD. */
  readonly deprecatedOn: string | null;
}

/** Names of vendors in public price lists. */
export const PRICE_LIST_PROVIDERS: Readonly<Record<string, ProviderName>> = {
  openai: 'openai',
  anthropic: 'claude',
  gemini: 'gemini',
  google: 'gemini',
  elevenlabs: 'elevenlabs',
};

const NANO_PER_USD = 1e9;
const UNITS_PER_RATE = 1e6;

/** @param usd US dollars for a million units, as a list's floating-point number. @returns whole nano-USD: what a list means, without its dust */
export function rateFromMillion(usd: number): bigint {
  return BigInt(Math.round(usd * NANO_PER_USD));
}

/** @param usd US dollars for one unit. @returns nano-USD for a million of them */
export function rateFromOne(usd: number): bigint {
  return BigInt(Math.round(usd * NANO_PER_USD * UNITS_PER_RATE));
}
