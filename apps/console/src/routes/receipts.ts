import type { FastifyInstance } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { getReceipt, type Receipt } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { IdParams, parseInput } from './api-parts.ts';

const toText = (nanoUsd: bigint | null): string | null => nanoUsd?.toString() ?? null;

/** Money as decimal strings of nano-USD. */
export function toReceiptJson({ jobId, rows, calls, paidNanoUsd }: Receipt): object {
  return {
    jobId,
    paidNanoUsd: toText(paidNanoUsd),
    rows: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      at: row.at,
      source: row.source,
      costNanoUsd: toText(row.costNanoUsd),
      savedNanoUsd: toText(row.savedNanoUsd),
      savings: row.savings.map(({ reason, nanoUsd }) => ({ reason, nanoUsd: toText(nanoUsd) })),
    })),
    calls: calls.map((call) => ({
      id: call.attemptId,
      provider: call.provider,
      model: call.model,
      state: call.state,
      priceFrom: call.priceFrom,
      costNanoUsd: toText(call.costNanoUsd),
      lines: call.lines.map(({ unit, quantity, rateNanoUsd, nanoUsd }) => ({
        unit,
        quantity,
        rateNanoUsd: toText(rateNanoUsd),
        nanoUsd: toText(nanoUsd),
      })),
    })),
  };
}

/** What a request, or a whole job, cost and why. */
export function registerReceipts(app: FastifyInstance, { database }: ConsoleServices): void {
  app.get('/api/receipts/:id', async (request) => {
    const receipt = await getReceipt(database, parseInput(IdParams, request.params).id);
    if (receipt === null) throw new AiCoreError('NOT_FOUND', 'the accounts know nothing of this id; a job has a receipt once it has ended');
    return toReceiptJson(receipt);
  });
}
