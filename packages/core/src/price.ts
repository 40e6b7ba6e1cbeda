import type { ProviderName } from './provider-facts.ts';

/** Nano-USD per million units. null = the provider has no such price. */
export interface Rates {
  readonly input: bigint | null;
  readonly output: bigint | null;
  /** Prompt-cache reads; null = billed as input. */
  readonly cachedInput: bigint | null;
  /** Prompt-cache writes; null = billed as input. */
  readonly cacheWrite: bigint | null;
  /** Long-lived prompt-cache writes; null = billed as cacheWrite. */
  readonly cacheWriteLong: bigint | null;
  readonly characters: bigint | null;
  readonly audioOutput: bigint | null;
}

/** Rates of a model that charges for nothing yet. */
export const NO_RATES: Rates = {
  input: null,
  output: null,
  cachedInput: null,
  cacheWrite: null,
  cacheWriteLong: null,
  characters: null,
  audioOutput: null,
};

/** Prices of one model from one moment on. Immutable: a change is a new row. */
export interface Price {
  readonly id: string;
  readonly provider: ProviderName;
  readonly modelName: string;
  readonly effectiveFrom: Date;
  readonly effectiveTo: Date | null;
  readonly rates: Rates;
  /** Nano-USD for each request on top of its units. */
  readonly perRequestNanoUsd: bigint;
  /** Batch price in basis points of the normal one: 5000 = half. */
  readonly batchBasisPoints: number;
  /** When the whole input is longer than `above` tokens, the whole request is billed at these rates. */
  readonly longContext: { readonly above: number; readonly rates: Rates } | null;
}
