/** A cost that explains itself: what a call was billed for, line by line, and what was not paid and why. */
import { computeCost, type CostUnit } from './compute-cost.ts';
import type { Price } from './price.ts';
import type { Usage } from './usage.ts';

export interface ReceiptLine {
  /** adjustment: the recorded cost is another than the price row comes to; said, not hidden. */
  readonly unit: CostUnit | 'adjustment';
  /** null of an adjustment. */
  readonly quantity: number | null;
  /** Nano-USD per million units, before the batch discount; null of an adjustment. */
  readonly rateNanoUsd: bigint | null;
  readonly nanoUsd: bigint;
}

export interface Itemised {
  /** They add up to the cost exactly; none where the cost is unknown. */
  readonly lines: readonly ReceiptLine[];
  readonly costNanoUsd: bigint | null;
  /** What share of the full price was asked, in basis points: 5000 where the call was billed as a batch at half price. */
  readonly basisPoints: number;
  readonly isLongContext: boolean;
}

export interface PaidCall {
  readonly usage: Usage | null;
  /** The price row the call was billed with. */
  readonly price: Price | null;
  /** As the ledger has it. */
  readonly costNanoUsd: bigint | null;
}

const FULL_PRICE = 10_000;

/** Takes the cost of a call apart. The shares of the lines come from one rounding at the end, so they re-add to the cost to the nano-dollar. */
export function itemiseCall({ usage, price, costNanoUsd }: PaidCall): Itemised {
  const basisPoints = usage?.batch === true && price !== null ? price.batchBasisPoints : FULL_PRICE;
  const isLongContext = usage !== null && price?.longContext != null && usage.inputTokens > price.longContext.above;
  if (costNanoUsd === null) return { lines: [], costNanoUsd, basisPoints, isLongContext };
  const computed = usage === null || price === null ? [] : computeCost(usage, price).lines;
  const lines: ReceiptLine[] = computed.map(({ unit, quantity, rateNanoUsd, nanoUsd }) => ({ unit, quantity, rateNanoUsd, nanoUsd }));
  const rest = lines.reduce((left, line) => left - line.nanoUsd, costNanoUsd);
  if (rest !== 0n) lines.push({ unit: 'adjustment', quantity: null, rateNanoUsd: null, nanoUsd: rest });
  return { lines, costNanoUsd, basisPoints, isLongContext };
}

export const SAVING_REASONS = ['own_model', 'cheaper_model', 'batch', 'memory', 'in_flight'] as const;
export type SavingReason = (typeof SAVING_REASONS)[number];

export interface Saving {
  readonly reason: SavingReason;
  /** Negative where it was dearer that way. */
  readonly nanoUsd: bigint;
}

/** Four amounts for one request, each with one more advantage taken away. */
export interface SavingsQuestion {
  /** What this request paid. */
  readonly paidNanoUsd: bigint;
  /** What its answer cost whoever bought it. */
  readonly boughtNanoUsd: bigint;
  /** What buying it had cost without the batch discount. */
  readonly realtimeNanoUsd: bigint;
  /** What the same tokens had cost with the model that would else have answered. */
  readonly incumbentNanoUsd: bigint;
  /** How it got an answer somebody else has paid for; null = it paid itself. */
  readonly shared: 'memory' | 'in_flight' | null;
  /** True when a model of one's own answered. */
  readonly isOwnModel: boolean;
}

/**
 * Says why a request cost less. One advantage after the other is taken away, so that none is counted twice: the parts add up to what the
 * incumbent would have cost in real time minus what was paid, exactly.
 */
export function attributeSavings(question: SavingsQuestion): Saving[] {
  const { paidNanoUsd, boughtNanoUsd, realtimeNanoUsd, incumbentNanoUsd, shared, isOwnModel } = question;
  const parts: Saving[] = [
    { reason: isOwnModel ? 'own_model' : 'cheaper_model', nanoUsd: incumbentNanoUsd - realtimeNanoUsd },
    { reason: 'batch', nanoUsd: realtimeNanoUsd - boughtNanoUsd },
    { reason: shared ?? 'memory', nanoUsd: boughtNanoUsd - paidNanoUsd },
  ];
  return parts.filter(({ nanoUsd }) => nanoUsd !== 0n);
}
