import pLimit from 'p-limit';
import { AiCoreError, promptHash, RESERVED_OPTIONS, type Json } from '@ai-core/core';
import { findPart, retireAudio, type ClaimedJob, type RememberedPart } from '@ai-core/store';
import { buyPart, type PartPurchase, type SpeechPart } from './buy-part.ts';
import type { Services } from './services.ts';
import type { SpeechOrder } from './speech-order.ts';

/** Parts of one speech that are bought at the same time. */
const PARTS_AT_A_TIME = 4;

/** What decides the sound of a part: neither limits of the whole request nor whether others may have spoken instead. */
function partOptions(options: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name !== 'fallback' && !RESERVED_OPTIONS.has(name)));
}

/** A part is the same question as a request for its text alone, by the same engine with the same voice. */
function toPart(job: ClaimedJob, order: SpeechOrder, { text, index }: { readonly text: string; readonly index: number }): SpeechPart {
  const { hash } = promptHash({
    kind: 'audio',
    request_type: job.requestType,
    text,
    language: order.language,
    voice: order.voice,
    format: order.format,
    options: partOptions(order.options),
    selection_mode: 'manual',
    provider: order.provider,
    model: order.model,
    scope: job.scope,
  });
  return { number: index + 1, text, promptHash: hash };
}

/** The remembered part, if its sound is still there. */
async function recall(services: Services, job: ClaimedJob, { part, objects }: PartPurchase): Promise<RememberedPart | null> {
  if (!job.shared) return null;
  const { scope, simulated, jobId } = job;
  const found = await findPart(services.database, { promptHash: part.promptHash, scope, simulated, jobId });
  if (found === null || (await objects.head(found.audio.file)) !== undefined) return found;
  await retireAudio(services.database, found.memoryId);
  return null;
}

/**
 * Gets every part of a speech: remembered ones from memory, the others by calls, a few at a time. One part is bought by one worker at a
 * time, whichever scripts it is in, and who had to wait looks again first. After a failure no further part is begun; those under way
 * are paid and come to their end, so that the next attempt buys the rest only.
 * @returns the parts in order
 * @throws the first failure
 */
export async function speakParts(
  services: Services,
  job: ClaimedJob,
  { order, texts, objects }: Omit<PartPurchase, 'part'> & { readonly texts: readonly string[] },
): Promise<RememberedPart[]> {
  const limit = pLimit(PARTS_AT_A_TIME);
  let failure: { readonly error: unknown } | undefined;

  async function getPart(purchase: PartPurchase): Promise<RememberedPart> {
    if (failure !== undefined) throw failure.error;
    if (services.isStopping())
      throw new AiCoreError('JOB_CANCELLED', 'this worker stops; the next one goes on with the parts that are missing');
    const found = await recall(services, job, purchase);
    if (found !== null) return found;
    return services.locks.hold(`ai_core.part.${job.simulated}.${job.scope}.${purchase.part.promptHash}`, async () => {
      if (failure !== undefined) throw failure.error;
      return (await recall(services, job, purchase)) ?? buyPart(services, job, purchase);
    });
  }

  const got = await Promise.allSettled(
    texts.map((text, index) =>
      limit(async () => {
        try {
          return await getPart({ order, objects, part: toPart(job, order, { text, index }) });
        } catch (error) {
          failure ??= { error };
          throw error;
        }
      }),
    ),
  );
  if (failure !== undefined) throw failure.error;
  return got.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}
