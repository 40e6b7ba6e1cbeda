import { AiCoreError } from '@ai-core/core';
import type { BatchApi, BatchItem, KnownBatch } from '@ai-core/providers';
import type { BatchLine, ClaimedJob, HeldBatch } from '@ai-core/store';
import type { Services } from './services.ts';
import { limitOutput, writeRequest } from './text-request.ts';

/** Handing over thousands of texts, and reading as many answers, takes its time. */
const TIMEOUTS = { connect: 5_000, firstByte: 180_000, idle: 60_000, total: 240_000 };

/** How long a worker has a batch to itself: longer than all it does in one go. */
export const HOLD_MS = 15 * 60_000;

/** @throws MODEL_UNKNOWN when the provider has no batch API here */
export async function batchApiOf(services: Services, { provider }: Pick<HeldBatch, 'provider'>): Promise<BatchApi> {
  const { batches } = await services.providerFor(provider);
  if (batches === undefined) throw new AiCoreError('MODEL_UNKNOWN', `${provider} has no batch API`);
  return batches;
}

/** What every call of a batch API needs. */
export function callOf({ handBack }: Services): Pick<KnownBatch, 'signal' | 'timeouts'> {
  return { signal: handBack, timeouts: TIMEOUTS };
}

/** The lines of a batch as the provider is asked for them. */
export async function toItems(services: Services, batch: HeldBatch, lines: readonly BatchLine[]): Promise<BatchItem[]> {
  const { configs } = await services.snapshots.get();
  const config = configs.find((known) => known.provider === batch.provider && known.modelName === batch.model && known.kind === 'text');
  const items: BatchItem[] = [];
  for (const line of lines) {
    const written = await writeRequest(services, line);
    const limits = { capabilities: config?.capabilities, maxOutputTokens: limitOutput(line, config) };
    items.push({ customId: line.customId, call: { model: batch.model, ...limits, ...written } });
  }
  return items;
}

/** A line as a job that this worker has in hand. */
export function toJob(batch: HeldBatch, line: BatchLine): ClaimedJob {
  const { jobId, fence, attemptId, startedAt, request, requestType, candidates, candidate, scope, shared, simulated } = line;
  const { selectionMode, customId: promptHash, attempts, candidateAttempts, deadline } = line;
  const { provider, model } = batch;
  const known = { jobId, fence, attemptId, startedAt, request, requestType, candidates, candidate, scope, shared, simulated };
  // By this machine's clock: the claim was hours ago, perhaps another process's.
  const claimedAtMs = performance.now() - (Date.now() - startedAt.getTime());
  return {
    ...known,
    claimedAtMs,
    kind: 'text',
    provider,
    model,
    selectionMode,
    promptHash,
    attempts,
    candidateAttempts,
    crashCount: 0,
    deadline,
  };
}
