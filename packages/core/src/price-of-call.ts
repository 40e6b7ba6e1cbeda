/** Whose price a call is billed at: that of the model the provider says it used. */
import { priceAt } from './price-at.ts';
import type { Price } from './price.ts';
import { isProviderName, PROVIDERS } from './provider-facts.ts';

export interface BilledCall {
  readonly provider: string;
  /** As the provider names it: often a dated snapshot of what was asked for, sometimes another model altogether. */
  readonly answered: string;
  readonly asked: string;
  /** When the call began. */
  readonly at: Date;
}

/** "gpt-6-luna-2026-10-01", "claude-haiku-5-5-20261001", "gemini-3.5-flash-lite-001", "…-latest", "…-preview-09-2026". */
const SNAPSHOT = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3,4}|latest|preview(?:-\d{2}-\d{2,4})?)$/;
/** Gemini's long form of a name. */
const PATH = /^models\//;

/** A server of one's own calls its models by whatever file they are in. */
function isOwnServer(provider: string): boolean {
  return isProviderName(provider) && PROVIDERS[provider].keyVariable === null;
}

/**
 * Finds the price of a call: of the model that answered, else of the model it is a dated snapshot of. A model that answered in
 * another's place and has no price is never billed as the one that was asked for.
 * @returns null when no price is known: the call is then flagged as unpriced, never free
 */
export function priceOfCall(prices: readonly Price[], { provider, answered, asked, at }: BilledCall): Price | null {
  const name = answered.replace(PATH, '');
  const names = [name, name.replace(SNAPSHOT, ''), ...(isOwnServer(provider) ? [asked] : [])];
  for (const modelName of names) {
    const price = priceAt(prices, { provider, modelName, at });
    if (price !== null) return price;
  }
  return null;
}
