/** Our account of paid calls against a provider's bill. Integers only; nothing is guessed: what cannot be compared is not compared. */
import type { BilledLine } from './provider-bill.ts';
import type { Usage } from './usage.ts';

export const BILL_CLASSES = ['matched', 'rounding', 'price_drift', 'ours_only', 'theirs_only'] as const;
/**
 * matched: equal. rounding: apart by no more than the bill's own rounding. price_drift: the same use, another amount. ours_only,
 * theirs_only: use that only we, or only the provider, has counted.
 */
export type BillClass = (typeof BILL_CLASSES)[number];

/** What we have accounted: one call, or a model's calls of a day. */
export interface OurCharge {
  readonly day: string;
  /** As the provider called it in its answers. */
  readonly model: string;
  /** The provider's id of the call and ours, which is sent along; empty for a sum of calls. */
  readonly ids: readonly string[];
  readonly calls: number;
  /** Calls whose outcome nobody saw; not among `calls`. */
  readonly unknown: number;
  /** null = some call has no price. */
  readonly costNanoUsd: bigint | null;
  /** Tokens in and out and characters. */
  readonly units: bigint;
}

export interface TheirCharge {
  readonly lines: number;
  /** Lines with an amount of money: so many times it was rounded. */
  readonly amounts: number;
  readonly calls: number | null;
  readonly costNanoUsd: bigint | null;
  readonly units: bigint | null;
}

export interface BillComparison {
  readonly class: BillClass;
  readonly day: string;
  readonly model: string;
  readonly requestId: string | null;
  readonly ours: Pick<OurCharge, 'calls' | 'unknown' | 'costNanoUsd' | 'units'> | null;
  readonly theirs: TheirCharge | null;
}

const NANO_DIGITS = 9;
const CENT_DIGITS = 2;

/** All that is billed by count, tokens and characters alike. */
function billedUnits(usage: Usage): bigint {
  return BigInt(usage.inputTokens + usage.outputTokens + usage.audioOutputTokens + usage.characters);
}

/** One name for a model and its dated versions: bills name the version where answers name the model, and the other way round. */
export function billedModelKey(model: string): string {
  return model
    .trim()
    .toLowerCase()
    .replace(/^models\//, '')
    .replace(/-(\d{4}-\d{2}-\d{2}|\d{8}|latest|\d{3}|(preview|exp)(-\d{2}-(\d{4}|\d{2}))?)$/, '');
}

/** What a bill's amounts are rounded to: the finest digit any of them has, never coarser than a cent. */
function roundingStep(lines: readonly BilledLine[]): bigint {
  const digits = lines.reduce((most, line) => Math.max(most, line.decimals ?? 0), CENT_DIGITS);
  return 10n ** BigInt(NANO_DIGITS - Math.min(NANO_DIGITS, digits));
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => bigint | null): bigint | null {
  const values = items.map(valueOf).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0n);
}

function addTheirs(lines: readonly BilledLine[]): TheirCharge {
  const calls = sum(lines, (line) => (line.calls === null ? null : BigInt(line.calls)));
  return {
    lines: lines.length,
    amounts: lines.filter((line) => line.costNanoUsd !== null).length,
    calls: calls === null ? null : Number(calls),
    costNanoUsd: sum(lines, (line) => line.costNanoUsd),
    units: sum(lines, (line) => (line.usage === null ? null : billedUnits(line.usage))),
  };
}

function addOurs(charges: readonly OurCharge[]): OurCharge | null {
  const [first] = charges;
  if (first === undefined) return null;
  return {
    ...first,
    calls: charges.reduce((total, charge) => total + charge.calls, 0),
    unknown: charges.reduce((total, charge) => total + charge.unknown, 0),
    costNanoUsd: charges.some((charge) => charge.costNanoUsd === null) ? null : sum(charges, (charge) => charge.costNanoUsd),
    units: charges.reduce((total, charge) => total + charge.units, 0n),
  };
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** Half a step for every amount of theirs, half a nano-dollar for each of theirs and ours. */
function isRounding(difference: bigint, amounts: number, context: { readonly calls: number; readonly step: bigint }): boolean {
  return 2n * magnitude(difference) <= BigInt(amounts) * (context.step + 1n) + BigInt(context.calls);
}

function classify(ours: OurCharge | null, theirs: TheirCharge | null, bill: { step: bigint; counts: boolean }): BillClass {
  if (ours === null || (ours.calls === 0 && theirs !== null)) {
    const isNothing = theirs === null || ((theirs.calls ?? 0) === 0 && (theirs.costNanoUsd ?? 0n) === 0n && (theirs.units ?? 0n) === 0n);
    return isNothing ? 'matched' : 'theirs_only';
  }
  if (theirs === null) {
    // A bill of amounts does not list what was free, and rounds away what was next to nothing.
    if (bill.counts || ours.costNanoUsd === null) return ours.calls === 0 ? 'matched' : 'ours_only';
    if (ours.costNanoUsd === 0n) return 'matched';
    return isRounding(ours.costNanoUsd, 1, { calls: 0, step: bill.step }) ? 'rounding' : 'ours_only';
  }
  if (theirs.calls !== null && theirs.calls !== ours.calls) return theirs.calls < ours.calls ? 'ours_only' : 'theirs_only';
  if (theirs.units !== null && theirs.units !== ours.units) return theirs.units < ours.units ? 'ours_only' : 'theirs_only';
  if (theirs.costNanoUsd === null) return 'matched';
  if (ours.costNanoUsd === null) return 'price_drift';
  const difference = theirs.costNanoUsd - ours.costNanoUsd;
  if (difference === 0n) return 'matched';
  return isRounding(difference, theirs.amounts, { calls: ours.calls, step: bill.step }) ? 'rounding' : 'price_drift';
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const dayAndModel = (item: { readonly day: string; readonly model: string }): string => `${item.day} ${billedModelKey(item.model)}`;

/**
 * Lines with a request id are compared with the call of that id, whatever its day; the rest by day and model.
 * @param ours every call, or sums by day and model where no line has a request id
 * @param theirs the lines of the days that `ours` is about
 * @returns comparisons by day and model; those by request id first within a day
 */
export function reconcileBill(ours: readonly OurCharge[], theirs: readonly BilledLine[]): BillComparison[] {
  const bill = { step: roundingStep(theirs), counts: theirs.some((line) => line.calls !== null || line.usage !== null) };
  const comparisons: BillComparison[] = [];
  const compare = (mine: readonly OurCharge[], lines: readonly BilledLine[], requestId: string | null): void => {
    const our = addOurs(mine);
    const their = lines.length === 0 ? null : addTheirs(lines);
    const { day, model } = our ?? lines[0] ?? { day: '', model: '' };
    const kept = our === null ? null : { calls: our.calls, unknown: our.unknown, costNanoUsd: our.costNanoUsd, units: our.units };
    comparisons.push({ class: classify(our, their, bill), day, model, requestId, ours: kept, theirs: their });
  };

  const byId = new Map(ours.flatMap((charge) => charge.ids.map((id) => [id, charge] as const)));
  const identified = groupBy(
    theirs.filter((line) => line.requestId !== null),
    (line) => line.requestId ?? '',
  );
  const taken = new Set<OurCharge>();
  for (const [requestId, lines] of identified) {
    const charge = byId.get(requestId);
    if (charge !== undefined) taken.add(charge);
    compare(charge === undefined ? [] : [charge], lines, requestId);
  }

  const ourGroups = groupBy(
    ours.filter((charge) => !taken.has(charge)),
    dayAndModel,
  );
  const theirGroups = groupBy(
    theirs.filter((line) => line.requestId === null),
    dayAndModel,
  );
  for (const key of new Set([...ourGroups.keys(), ...theirGroups.keys()]))
    compare(ourGroups.get(key) ?? [], theirGroups.get(key) ?? [], null);
  return comparisons.toSorted((left, right) => `${left.day} ${left.model}`.localeCompare(`${right.day} ${right.model}`, 'en'));
}
