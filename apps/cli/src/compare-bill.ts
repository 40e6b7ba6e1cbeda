/** A provider's export against our account: unknown calls that it names are settled, then the two are compared. */
import { computeCost, formatMoney, priceAt, readBill, reconcileBill, BILL_CLASSES } from '@ai-core/core';
import type { BillClass, BillComparison, BilledLine, BillProvider, ProviderBill } from '@ai-core/core';
import { listCharges, listUnknownAttempts, loadCatalogueSnapshot, resolveUnknownAttempt } from '@ai-core/store';
import type { Charge, ChargeQuestion, Database } from '@ai-core/store';
import { formatTable } from './output.ts';

export interface BillQuestion {
  readonly text: string;
  readonly provider: BillProvider | null;
  /** Days of the bill's zone; null = as far as the export goes. */
  readonly from: string | null;
  readonly to: string | null;
  readonly simulated: boolean;
}

export interface ComparedBill {
  readonly bill: ProviderBill;
  readonly comparisons: readonly BillComparison[];
  /** Calls whose outcome was unknown and which the export has by their request id. */
  readonly settled: number;
  /** Ids of price rows by `day model`. */
  readonly priceIds: ReadonlyMap<string, readonly string[]>;
}

/** Settles what is unknown to us and named on the bill. What the bill does not name stays open: most exports name few calls. */
async function settleNamed(database: Database, both: BothSides, simulated: boolean): Promise<number> {
  const lines = new Map(both.lines.flatMap((line): [string, BilledLine][] => (line.requestId === null ? [] : [[line.requestId, line]])));
  const named = new Map(
    both.charges.flatMap((charge): [string, BilledLine][] => {
      const line = charge.unknown > 0 ? charge.ids.map((id) => lines.get(id)).find((found) => found !== undefined) : undefined;
      return line === undefined ? [] : charge.ids.map((id) => [id, line]);
    }),
  );
  if (named.size === 0) return 0;
  const { prices } = await loadCatalogueSnapshot(database);
  let settled = 0;
  for (const attempt of await listUnknownAttempts(database, simulated)) {
    const line = named.get(attempt.id);
    if (line === undefined) continue;
    const find = (modelName: string) => priceAt(prices, { provider: attempt.provider, modelName, at: attempt.startedAt });
    const price = find(line.model) ?? find(attempt.model);
    const computed = line.usage === null ? null : computeCost(line.usage, price).nanoUsd;
    const isOurs = line.costNanoUsd === null && computed !== null;
    const resolved = await resolveUnknownAttempt(database, {
      attemptId: attempt.id,
      state: 'billed',
      usage: line.usage,
      costNanoUsd: line.costNanoUsd ?? computed,
      priceId: isOurs ? (price?.id ?? null) : null,
      billedModel: line.model,
      providerRequestId: line.requestId === attempt.id ? null : line.requestId,
      settledBy: 'bill',
    });
    if (resolved) settled++;
  }
  return settled;
}

const DAY_MS = 86_400_000;
const moveDay = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

interface BothSides {
  readonly charges: readonly Charge[];
  readonly lines: readonly BilledLine[];
}

/** Both sides of the days asked for. A call around midnight may be on different days of ours and theirs, and is kept where its id is. */
function limitToDays({ charges, lines }: BothSides, { from, to }: Pick<ProviderBill, 'from' | 'to'>): BothSides {
  const isWithin = ({ day }: { readonly day: string }): boolean => day >= from && day <= to;
  const theirIds = new Set(lines.filter(isWithin).map(({ requestId }) => requestId));
  const ourIds = new Set(charges.filter(isWithin).flatMap(({ ids }) => ids));
  return {
    charges: charges.filter((charge) => isWithin(charge) || charge.ids.some((id) => theirIds.has(id))),
    lines: lines.filter((line) => isWithin(line) || (line.requestId !== null && ourIds.has(line.requestId))),
  };
}

/** @throws REQUEST_INVALID for an export that cannot be read */
export async function compareBill(database: Database, { text, provider, simulated, ...range }: BillQuestion): Promise<ComparedBill> {
  const read = readBill(text, provider);
  const bill = { ...read, from: range.from ?? read.from, to: range.to ?? read.to };
  const grain = bill.lines.some(({ requestId }) => requestId !== null) ? 'call' : 'day';
  const margin = grain === 'call' ? 1 : 0;
  const question: ChargeQuestion = {
    provider: bill.provider,
    from: moveDay(bill.from, -margin),
    to: moveDay(bill.to, margin),
    timeZone: bill.timeZone,
    simulated,
  };
  let both = limitToDays({ charges: await listCharges(database, question, grain), lines: read.lines }, bill);
  const settled = grain === 'call' ? await settleNamed(database, both, simulated) : 0;
  if (settled > 0) both = limitToDays({ charges: await listCharges(database, question, grain), lines: read.lines }, bill);
  const priceIds = new Map<string, readonly string[]>();
  for (const charge of both.charges) {
    const key = `${charge.day} ${charge.model}`;
    priceIds.set(key, [...new Set([...(priceIds.get(key) ?? []), ...charge.priceIds])]);
  }
  return { bill, comparisons: reconcileBill(both.charges, both.lines), settled, priceIds };
}

const money = (nanoUsd: bigint | null | undefined): string | null =>
  nanoUsd === null || nanoUsd === undefined ? null : formatMoney(nanoUsd);
const inDollars = (nanoUsd: bigint | null | undefined): string =>
  nanoUsd === null || nanoUsd === undefined ? '' : `$${formatMoney(nanoUsd)}`;

function countClasses(comparisons: readonly BillComparison[]): Record<BillClass, number> {
  const counts: Record<BillClass, number> = { matched: 0, rounding: 0, price_drift: 0, ours_only: 0, theirs_only: 0 };
  for (const { class: found } of comparisons) counts[found]++;
  return counts;
}

/** True when everything is the same up to rounding. */
export function isReconciled({ comparisons }: ComparedBill): boolean {
  return comparisons.every(({ class: found }) => found === 'matched' || found === 'rounding');
}

export function billDocument({ bill, comparisons, settled, priceIds }: ComparedBill): object {
  return {
    provider: bill.provider,
    from: bill.from,
    to: bill.to,
    time_zone: bill.timeZone,
    ignored: bill.ignored,
    settled,
    classes: countClasses(comparisons),
    rows: comparisons.map(({ class: found, day, model, requestId, ours, theirs }) => ({
      class: found,
      day,
      model,
      request_id: requestId,
      ours: ours && { calls: ours.calls, unknown: ours.unknown, units: String(ours.units), cost_usd: money(ours.costNanoUsd) },
      theirs: theirs && {
        calls: theirs.calls,
        units: theirs.units === null ? null : String(theirs.units),
        cost_usd: money(theirs.costNanoUsd),
      },
      price_ids: priceIds.get(`${day} ${model}`) ?? [],
    })),
  };
}

/** A table of what differs, and how much there is of each class. */
export function billTable({ bill, comparisons, settled }: ComparedBill): string[] {
  const counts = countClasses(comparisons);
  const differing = comparisons.filter(({ class: found }) => found !== 'matched');
  const rows = differing.map(({ class: found, day, model, requestId, ours, theirs }) => [
    day,
    model,
    requestId ?? '',
    found,
    ours === null ? '' : String(ours.calls),
    theirs?.calls === null || theirs === null ? '' : String(theirs.calls),
    ours === null ? '' : String(ours.units),
    theirs?.units === null || theirs === null ? '' : String(theirs.units),
    inDollars(ours?.costNanoUsd),
    inDollars(theirs?.costNanoUsd),
    ours === null || ours.unknown === 0 ? '' : String(ours.unknown),
  ]);
  const head = ['day', 'model', 'request', 'class', 'calls', 'theirs', 'units', 'theirs', 'cost', 'theirs', 'unknown'];
  return [
    ...(rows.length === 0 ? [] : formatTable(head, rows)),
    `${bill.provider}, ${bill.from} to ${bill.to}: ${BILL_CLASSES.map((name) => `${counts[name]} ${name}`).join(', ')}`,
    ...(settled === 0 ? [] : [`${settled} unknown settled from the export`]),
    ...(bill.ignored === 0 ? [] : [`${bill.ignored} lines are for something else than models of ${bill.provider}`]),
  ];
}
