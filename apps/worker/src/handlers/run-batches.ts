import { limitBatch, PROVIDER_QUEUES, shouldClose } from '@ai-core/core';
import { closeBatch, listCollected, putBatch, takeBatch, type HeldBatch } from '@ai-core/store';
import { isProviderFailure } from '@ai-core/providers';
import { batchApiOf, HOLD_MS } from '../batch-api.ts';
import { dispatchJobs } from '../dispatch-jobs.ts';
import type { Services } from '../services.ts';
import { lookAfterBatch } from '../settle-batch.ts';
import { heldBy, submitBatch } from '../submit-batch.ts';
import { wakeCallers } from '../wake-callers.ts';

/**
 * Looks after the batch lane of the providers this process serves: closes collections that are large or old enough, hands batches
 * over, and settles those that have come back. All state is in the ledger, and what is due is said by its clock: any worker goes on
 * where another one was stopped.
 */
export async function runBatches(services: Services): Promise<void> {
  const queues = PROVIDER_QUEUES.filter(({ queue, kind }) => kind === 'text' && services.servedQueues.has(queue)).map(({ queue }) => queue);
  if (queues.length === 0 || services.isStopping()) return;
  await closeCollections(services, queues);
  // Side by side: a provider that takes its time keeps no other waiting.
  await Promise.all(queues.map((queue) => advanceBatches(services, queue)));
}

async function closeCollections(services: Services, queues: readonly string[]): Promise<void> {
  const { database, settings } = services;
  const collections = await listCollected(database, queues);
  if (collections.length === 0) return;
  const { openCircuits } = await services.snapshots.get();
  for (const collected of collections) {
    if (openCircuits.has(collected.provider) || !shouldClose(collected, settings.batches)) continue;
    const limits = limitBatch(collected.provider, settings.batches);
    const closed = await closeBatch(database, services.workerId(), { collected, limits });
    await dispatchJobs(services, closed.dispatches);
    for (const { jobId, replyTo } of closed.finished) wakeCallers(services, jobId, replyTo);
  }
}

async function advanceBatches(services: Services, queue: string): Promise<void> {
  while (!services.isStopping()) {
    const batch = await takeBatch(services.database, services.workerId(), { queues: [queue], holdMs: HOLD_MS });
    if (batch === null) return;
    await advanceBatch(services, batch);
  }
}

/** One step of one batch. A provider that cannot be asked is asked again later. */
async function advanceBatch(services: Services, batch: HeldBatch): Promise<void> {
  try {
    const api = await batchApiOf(services, batch);
    if (batch.state === 'submitting') await submitBatch(services, batch, api);
    else await lookAfterBatch(services, batch, api);
  } catch (error) {
    if (!isProviderFailure(error)) throw error;
    const { code, reason } = error;
    services.log.warn({ batch: batch.id, provider: batch.provider, code, reason }, 'a batch could not be asked for; it is asked for again');
    const nextMs = Math.max(services.settings.batches.pollMs, error.retryAfterMs ?? 0);
    await putBatch(services.database, heldBy(services, batch), { nextMs, errorCode: code, errorMessage: reason });
  }
}
