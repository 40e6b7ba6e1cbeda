import { AiCoreError, type ErrorCode } from '@ai-core/core';
import { isProviderFailure, type BatchApi, type ListedBatch } from '@ai-core/providers';
import { handOverBatch, listBatchLines, listKnownBatches, putBatch, type HeldBatch } from '@ai-core/store';
import { callOf, toItems } from './batch-api.ts';
import { endBatch } from './settle-batch.ts';
import type { Services } from './services.ts';

/** Failures of handing over that may be over soon. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PROVIDER_RATE_LIMITED',
  'PROVIDER_OVERLOADED',
  'PROVIDER_UNREACHABLE',
  'PROVIDER_TIMEOUT',
  'PROVIDER_BAD_ANSWER',
  'JOB_CANCELLED',
]);
const MOST_TRIES = 6;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** The provider's clock and ours may differ. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * Hands a batch over. That it is about to happen is written down first: when the answer is lost nothing is sent again until it is known
 * that the provider does not have it.
 */
export async function submitBatch(services: Services, batch: HeldBatch, api: BatchApi): Promise<void> {
  if (batch.handedOverAt !== null) return resolveDoubt(services, batch, api);
  const lines = (await listBatchLines(services.database, batch.id)).filter(({ settled }) => !settled);
  const items = new Map((await toItems(services, batch, lines)).map((item) => [item.customId, item]));
  const requests = await handOverBatch(services.database, batch.id, services.workerId());
  if (requests === null) return;
  if (requests === 0) return endBatch(services, batch, { ending: null });
  // Read again: what has left the batch meanwhile is not sent.
  const sent = (await listBatchLines(services.database, batch.id)).flatMap((line) => (line.sent ? (items.get(line.customId) ?? []) : []));
  let providerBatchId: string;
  try {
    ({ providerBatchId } = await api.submit({ batchId: batch.id, model: batch.model, items: sent, ...callOf(services) }));
  } catch (error) {
    return notHandedOver(services, batch, error);
  }
  await putBatch(services.database, heldBy(services, batch), { nextMs: services.settings.batches.pollMs, providerBatchId });
  services.log.info(
    { batch: batch.id, provider: batch.provider, model: batch.model, requests, providerBatchId },
    'a batch was handed over',
  );
}

export function heldBy(services: Services, batch: HeldBatch): { readonly batchId: string; readonly workerId: string } {
  return { batchId: batch.id, workerId: services.workerId() };
}

async function notHandedOver(services: Services, batch: HeldBatch, thrown: unknown): Promise<void> {
  const error = AiCoreError.from(thrown);
  const inDoubt = !isProviderFailure(error) || error.charged !== 'no';
  const fields = { batch: batch.id, provider: batch.provider, model: batch.model, code: error.code, reason: error.reason, inDoubt };
  services.log.warn(fields, 'a batch could not be handed over');
  const told = { errorCode: error.code, errorMessage: error.reason };
  if (inDoubt)
    return void (await putBatch(services.database, heldBy(services, batch), { nextMs: services.settings.batches.pollMs, ...told }));
  if (!PASSING.has(error.code) || batch.tries + 1 >= MOST_TRIES) return endBatch(services, batch, { ending: null, ...told });
  const nextMs = Math.min(LONGEST_WAIT_MS, Math.max(error.retryAfterMs ?? 0, FIRST_WAIT_MS * 2 ** batch.tries));
  await putBatch(services.database, heldBy(services, batch), { nextMs, forgetHandOver: true, ...told });
}

/** Looks for a batch with the provider whose handing over was never answered. */
async function resolveDoubt(services: Services, batch: HeldBatch, api: BatchApi): Promise<void> {
  const { pollMs, doubtMs } = services.settings.batches;
  const since = new Date((batch.handedOverAt?.getTime() ?? 0) - CLOCKS_DIFFER_MS);
  const listed = await api.list({ since, ...callOf(services) });
  const known = await listKnownBatches(services.database, batch.provider, since);
  const found = findOurs(
    listed.filter(({ providerBatchId }) => !known.has(providerBatchId) && !batch.foreignIds.includes(providerBatchId)),
    batch,
  );
  const held = heldBy(services, batch);
  if (found !== undefined) {
    await putBatch(services.database, held, { nextMs: pollMs, providerBatchId: found.providerBatchId });
    services.log.warn(
      { batch: batch.id, provider: batch.provider, ...found },
      'a batch whose handing over was not answered is with the provider',
    );
    return;
  }
  // No call lasts so long: it never arrived.
  const forgetHandOver = batch.inDoubtForMs > doubtMs;
  await putBatch(services.database, held, { nextMs: forgetHandOver ? 0 : pollMs, forgetHandOver });
}

/** By our id where the vendor keeps it; else the oldest with as many lines, which its custom ids confirm when it has ended. */
function findOurs(listed: readonly ListedBatch[], batch: HeldBatch): ListedBatch | undefined {
  const named = listed.find(({ batchId }) => batchId === batch.id);
  return named ?? listed.findLast(({ batchId, requests }) => batchId === null && requests === batch.requests);
}
