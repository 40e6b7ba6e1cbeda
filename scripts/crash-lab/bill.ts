import { readFileSync } from 'node:fs';
import { computeCost, priceAt, type Price } from '@ai-core/core';
import type { BillLine } from '@ai-core/simulator';
import { listUnknownAttempts, resolveUnknownAttempt, type Database } from '@ai-core/store';
import type { AttemptRow } from './ledger.ts';

/** A line of the provider's bill with what it costs at our prices. */
export interface PricedLine extends BillLine {
  readonly costNanoUsd: bigint;
  readonly priceId: string;
}

/** @returns the lines on disk, in the order they were charged */
export function readBill(file: string): BillLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BillLine);
}

/**
 * Prices a bill as the provider would: by the model that did the work, at the price of the moment the call began.
 * @param attempts say when a call began, and which model was asked for where the billed name has no price
 * @throws Error for a line that has no price: nothing could be compared then
 */
export function priceBill(lines: readonly BillLine[], prices: readonly Price[], attempts: readonly AttemptRow[]): PricedLine[] {
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  return lines.map((line) => {
    const attempt = line.attemptId === null ? undefined : byId.get(line.attemptId);
    const at = attempt?.startedAt ?? new Date(line.at);
    const find = (modelName: string): Price | null => priceAt(prices, { provider: line.provider, modelName, at });
    const price = find(line.model) ?? (attempt === undefined ? null : find(attempt.model));
    const { nanoUsd } = computeCost(line.usage, price);
    if (price === null || nanoUsd === null) throw new Error(`line ${line.seq} of the bill has no price: ${line.provider} ${line.model}`);
    return { ...line, costNanoUsd: nanoUsd, priceId: price.id };
  });
}

export function sumOf(lines: readonly PricedLine[]): bigint {
  return lines.reduce((sum, line) => sum + line.costNanoUsd, 0n);
}

/**
 * Settles every attempt whose outcome nobody saw from the bill, by its id: paid when the bill has it, not paid when it has not.
 * @returns how many there were
 */
export async function settleUnknown(database: Database, bill: readonly PricedLine[]): Promise<number> {
  const byAttempt = new Map(bill.map((line) => [line.attemptId, line]));
  let settled = 0;
  for (;;) {
    const unknown = await listUnknownAttempts(database, true);
    if (unknown.length === 0) return settled;
    for (const { id } of unknown) {
      const line = byAttempt.get(id);
      const resolved = await resolveUnknownAttempt(database, {
        attemptId: id,
        state: line === undefined ? 'not_billed' : 'billed',
        usage: line?.usage ?? null,
        costNanoUsd: line?.costNanoUsd ?? null,
        priceId: line?.priceId ?? null,
        billedModel: line?.model ?? null,
        providerRequestId: line?.requestId ?? null,
        settledBy: 'bill',
      });
      if (!resolved) throw new Error(`attempt ${id} was listed as unknown and could not be settled`);
      settled++;
    }
  }
}
