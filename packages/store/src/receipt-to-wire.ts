import { AiCoreError, formatMoney } from '@ai-core/core';
import type { Incumbent, Receipt } from './receipt.ts';

/**
 * Reads the model that costs are compared with.
 * @param name what the caller calls it, for the message
 * @throws REQUEST_INVALID for anything but provider/model
 */
export function parseIncumbent(text: string, name: string): Incumbent {
  const [provider, ...rest] = text.split('/');
  if (provider !== undefined && provider !== '' && rest.join('') !== '') return { provider, modelName: rest.join('/') };
  throw new AiCoreError('REQUEST_INVALID', `${name} takes provider/model, not "${text}"`);
}

/** A receipt as it goes over a wire: snake_case, money as decimal strings of US dollars, times as ISO 8601. */
export function receiptToWire(receipt: Receipt) {
  const usd = (nanoUsd: bigint | null): string | null => (nanoUsd === null ? null : formatMoney(nanoUsd));
  return {
    job_id: receipt.jobId,
    paid_usd: usd(receipt.paidNanoUsd),
    difference_usd: usd(receipt.differenceNanoUsd),
    calls: receipt.calls.map((call) => ({
      attempt_id: call.attemptId,
      provider: call.provider,
      model: call.model,
      state: call.state,
      started_at: call.startedAt.toISOString(),
      price_id: call.priceId,
      price_from: call.priceFrom?.toISOString() ?? null,
      price_share: call.basisPoints / 10_000,
      long_context: call.isLongContext,
      cost_usd: usd(call.costNanoUsd),
      lines: call.lines.map((line) => ({
        unit: line.unit,
        quantity: line.quantity,
        usd_per_million: usd(line.rateNanoUsd),
        usd: usd(line.nanoUsd),
      })),
    })),
    rows: receipt.rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      at: row.at.toISOString(),
      source: row.source,
      provider: row.provider,
      model: row.model,
      cost_usd: usd(row.costNanoUsd),
      saved_usd: usd(row.savedNanoUsd),
      savings: row.savings.map(({ reason, nanoUsd }) => ({ reason, usd: usd(nanoUsd) })),
    })),
  };
}
