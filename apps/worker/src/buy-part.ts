import { AiCoreError, boundSpeechCost, priceAt } from '@ai-core/core';
import { isProviderFailure } from '@ai-core/providers';
import { beginPart, failPart, settlePart, toPartJson, type ClaimedJob, type Objects, type RememberedPart } from '@ai-core/store';
import { v7 as uuidv7 } from 'uuid';
import { callForSpeech } from './call-for-speech.ts';
import { keepSound } from './keep-sound.ts';
import { patiently } from './patiently.ts';
import { priceCall } from './price-call.ts';
import type { Services } from './services.ts';
import type { SpeechOrder } from './speech-order.ts';

/** One part of a long speech. */
export interface SpeechPart {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  readonly promptHash: string;
}

export interface PartPurchase {
  readonly order: SpeechOrder;
  readonly part: SpeechPart;
  readonly objects: Objects;
}

async function begin(services: Services, job: ClaimedJob, { order, part }: PartPurchase): Promise<{ attemptId: string; startedAt: Date }> {
  const { prices, takenAt } = await services.snapshots.get();
  const price = priceAt(prices, { provider: order.provider, modelName: order.model, at: takenAt });
  const attemptId = uuidv7();
  const begun = {
    jobId: job.jobId,
    fence: job.fence,
    attemptId,
    part: part.number,
    priceId: price?.id ?? null,
    maxCostNanoUsd: boundSpeechCost({ text: part.text, language: order.language, options: order.options }, price),
  };
  for (;;) {
    const turn = await beginPart(services.database, services.workerId(), begun);
    if (turn.outcome === 'begun') return { attemptId, startedAt: turn.at };
    if (turn.outcome === 'lost')
      throw new AiCoreError('JOB_CANCELLED', 'the job is no longer in the hands of this worker; no further part is bought');
    await new Promise((resolve) => setTimeout(resolve, turn.waitMs));
    if (services.isStopping())
      throw new AiCoreError('JOB_CANCELLED', 'this worker stops; the next one goes on with the parts that are missing');
  }
}

/** Accounts for a call that failed. What it says about the job is said without what it cost, which belongs to the part alone. */
async function fail(
  services: Services,
  attempt: { readonly job: ClaimedJob; readonly attemptId: string },
  thrown: unknown,
): Promise<never> {
  const { job, attemptId } = attempt;
  const error = AiCoreError.from(thrown);
  const paid = isProviderFailure(error) ? error : undefined;
  const priced = paid?.usage == null ? null : await priceCall(services, job, { usage: paid.usage, model: paid.model ?? job.model });
  await patiently(services, { what: 'the account of a failed part', jobId: job.jobId }, () =>
    failPart(services.database, {
      jobId: job.jobId,
      fence: job.fence,
      attemptId,
      usage: priced?.usage ?? null,
      rawUsage: paid?.rawUsage ?? null,
      costNanoUsd: priced?.costNanoUsd ?? null,
      priceId: priced?.priceId ?? null,
      billedModel: paid?.model ?? null,
      providerRequestId: paid?.providerRequestId ?? null,
      charged: paid?.charged ?? 'no',
      errorCode: error.code,
      errorMessage: error.reason,
    }),
  );
  throw new AiCoreError(error.code, error.reason, { retryAfterMs: error.retryAfterMs, cause: error.cause });
}

/**
 * Buys one part: attempt, call, object, account. What was paid is in the ledger or in the spool when this returns.
 * @throws what the call threw, JOB_CANCELLED when the job was taken away, STORE_UNAVAILABLE when this process has to end first
 */
export async function buyPart(services: Services, job: ClaimedJob, purchase: PartPurchase): Promise<RememberedPart> {
  const { order, part, objects } = purchase;
  const { attemptId, startedAt } = await begin(services, job, purchase);
  const since = performance.now();
  const call = callForSpeech(services, job, { order, text: part.text, attemptId });
  const result = await call.catch((error: unknown) => fail(services, { job, attemptId }, error));
  const latencyMs = performance.now() - since;
  const priced = await priceCall(services, { ...job, startedAt }, { usage: result.usage, model: result.model });
  const sound = await keepSound(services, objects, { ...job, ...result, format: order.format });
  const json = toPartJson({
    jobId: job.jobId,
    fence: job.fence,
    attemptId,
    usage: priced.usage,
    rawUsage: result.rawUsage,
    costNanoUsd: priced.costNanoUsd,
    priceId: priced.priceId,
    billedModel: result.model,
    providerRequestId: result.providerRequestId,
    promptHash: part.promptHash,
    promptText: part.text,
    options: order.options,
    remember: job.shared,
    audio: sound.stored,
    latencyMs,
    ignoredOptions: result.ignoredOptions,
  });
  const settled = sound.inStore
    ? await patiently(services, { what: 'the account of a paid part', jobId: job.jobId }, async () => {
        await settlePart(services.database, json);
        return true;
      })
    : undefined;
  if (settled === undefined) {
    services.spool.keep({ workerId: services.workerId(), part: true, answer: json, ...(sound.inStore ? {} : { sound: sound.stored }) });
    throw new AiCoreError('STORE_UNAVAILABLE', 'this worker stops while a service is away; the paid part is kept in the spool');
  }
  await sound.confirm();
  return {
    memoryId: attemptId,
    audio: sound.stored,
    usage: priced.usage,
    costNanoUsd: priced.costNanoUsd,
    ignoredOptions: result.ignoredOptions,
  };
}
