/** What a public price list would change in ours: new dated rows, never a change of one that exists. */
import { priceAt } from './price-at.ts';
import type { PriceOffer } from './price-offer.ts';
import { NO_RATES, type Price } from './price.ts';

export type PriceFlag =
  /** Some rate moves by more than a fifth: look before you believe it. */
  | 'jump'
  /** The vendor's last day for the model has passed. */
  | 'past_deprecation'
  /** A row of this very moment exists, and rows are never changed: choose another moment. */
  | 'moment_taken';

export interface RateChange {
  /** `input`, `long_context.output`, `per_request`, `batch`. */
  readonly unit: string;
  /** Nano-USD per million units (per request: for one; batch: basis points); null = no price. */
  readonly from: bigint | null;
  readonly to: bigint | null;
}

export interface PriceProposal {
  /** The row as it would be written. */
  readonly price: Omit<Price, 'id'>;
  readonly changes: readonly RateChange[];
  readonly flags: readonly PriceFlag[];
}

export interface PriceProposals {
  readonly proposals: readonly PriceProposal[];
  /** Offers that say what is known already. */
  readonly same: number;
  /** `provider/model` of the list that AI Core does not know; nothing is proposed for them. */
  readonly unknownModels: readonly string[];
}

export interface PriceListQuestion {
  readonly offers: readonly PriceOffer[];
  readonly prices: readonly Price[];
  /** `provider/model` of everything configured or in the catalogue. */
  readonly known: ReadonlySet<string>;
  /** From when on prices without a date, or of the past, would hold. */
  readonly from: Date;
}

const RATE_NAMES = ['input', 'output', 'cachedInput', 'cacheWrite', 'cacheWriteLong', 'characters', 'audioOutput'] as const;
const FULL_PRICE = 10_000;
/** A change of more than one in five is a jump. */
const JUMP_DIVISOR = 5n;

function merge(before: Price | null, offer: PriceOffer, effectiveFrom: Date): Omit<Price, 'id'> {
  const rates = { ...(before?.rates ?? NO_RATES), ...offer.rates };
  const long = offer.longContext;
  return {
    provider: offer.provider,
    modelName: offer.modelName,
    effectiveFrom,
    // A row that is planned for later takes over as it would have.
    effectiveTo: before?.effectiveTo ?? null,
    rates,
    perRequestNanoUsd: offer.perRequestNanoUsd ?? before?.perRequestNanoUsd ?? 0n,
    batchBasisPoints: offer.batchBasisPoints ?? before?.batchBasisPoints ?? FULL_PRICE,
    longContext:
      long === undefined
        ? (before?.longContext ?? null)
        : { above: long.above, rates: { ...(before?.longContext?.rates ?? rates), ...long.rates } },
  };
}

function unitsOf(price: Omit<Price, 'id'> | null): Map<string, bigint | null> {
  const units = new Map<string, bigint | null>();
  for (const name of RATE_NAMES) {
    units.set(name, price?.rates[name] ?? null);
    units.set(`long_context.${name}`, price?.longContext?.rates[name] ?? null);
  }
  units.set('long_context.above', price?.longContext ? BigInt(price.longContext.above) : null);
  units.set('per_request', price === null ? null : price.perRequestNanoUsd);
  units.set('batch', price === null ? null : BigInt(price.batchBasisPoints));
  return units;
}

function listChanges(before: Price | null, after: Omit<Price, 'id'>): RateChange[] {
  const old = unitsOf(before);
  return [...unitsOf(after)].flatMap(([unit, to]) => {
    const from = old.get(unit) ?? null;
    return from === to ? [] : [{ unit, from, to }];
  });
}

function isJump({ from, to }: RateChange): boolean {
  if (from === null || to === null) return false;
  const difference = to > from ? to - from : from - to;
  return difference * JUMP_DIVISOR > from;
}

/** Of several dated offers for one model: the one in effect at the moment, and those to come. */
function effectiveOffers(offers: readonly PriceOffer[], from: Date): PriceOffer[] {
  const current = new Map<string, PriceOffer>();
  const later: PriceOffer[] = [];
  for (const offer of offers) {
    const key = `${offer.provider}/${offer.modelName}`;
    const best = current.get(key);
    if (offer.effectiveFrom !== null && offer.effectiveFrom > from) later.push(offer);
    else if (best === undefined || (offer.effectiveFrom?.getTime() ?? 0) > (best.effectiveFrom?.getTime() ?? 0)) current.set(key, offer);
  }
  return [...current.values(), ...later];
}

/** Compares a price list with the prices in effect. Prices of the past are left as they were: they begin to hold at `from`. */
export function proposePrices({ offers, prices, known, from }: PriceListQuestion): PriceProposals {
  const proposals: PriceProposal[] = [];
  const unknownModels = new Set<string>();
  let same = 0;
  for (const offer of effectiveOffers(offers, from)) {
    const { provider, modelName } = offer;
    if (!known.has(`${provider}/${modelName}`)) {
      unknownModels.add(`${provider}/${modelName}`);
      continue;
    }
    const at = offer.effectiveFrom !== null && offer.effectiveFrom > from ? offer.effectiveFrom : from;
    const before = priceAt(prices, { provider, modelName, at });
    const price = merge(before, offer, at);
    const changes = listChanges(before, price);
    const flags: PriceFlag[] = [];
    if (offer.deprecatedOn !== null && offer.deprecatedOn <= from.toISOString().slice(0, 10)) flags.push('past_deprecation');
    if (changes.length === 0 && flags.length === 0) {
      same++;
      continue;
    }
    if (changes.some(isJump)) flags.push('jump');
    if (changes.length > 0 && before?.effectiveFrom.getTime() === at.getTime()) flags.push('moment_taken');
    proposals.push({ price, changes, flags });
  }
  return { proposals, same, unknownModels: [...unknownModels] };
}
