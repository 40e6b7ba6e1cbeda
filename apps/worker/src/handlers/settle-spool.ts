import { FORMAT_FACTS } from '@ai-core/core';
import { createSettle, isUnavailable, settlePart, type StoredAudio } from '@ai-core/store';
import type { Services } from '../services.ts';
import { afterSettlement } from '../settle-answer.ts';
import type { SpooledAnswer } from '../spool.ts';

/** Brings an MP3 from the spool into the object store, before any row names it. */
async function storeSound(services: Services, { file, sha256, format }: StoredAudio): Promise<void> {
  if (services.objects === undefined) throw new Error('this worker has no object store for the MP3 in its spool');
  await services.objects.put(file, services.spool.readSound(sha256), { contentType: FORMAT_FACTS[format].contentType, sha256 });
}

async function settleOne(services: Services, name: string, { workerId, answer, part, sound }: SpooledAnswer): Promise<void> {
  if (sound !== undefined) await storeSound(services, sound);
  if (part === true) {
    await settlePart(services.database, answer);
    services.spool.forget(name);
  } else {
    const settlement = await createSettle(services.database, () => workerId)(answer);
    services.spool.forget(name);
    await afterSettlement(services, String(answer['job_id']), settlement);
  }
  if (sound !== undefined) services.spool.forgetSound(sound.sha256);
}

/**
 * Settles what lies in the spool, oldest first, until a service is away again. An answer is forgotten only when the ledger has it.
 * @returns how many were settled
 */
export async function settleSpool(services: Services): Promise<number> {
  let settled = 0;
  for (const { name, spooled } of services.spool.list()) {
    try {
      await settleOne(services, name, spooled);
      settled++;
    } catch (error) {
      if (isUnavailable(error)) return settled;
      services.log.error({ file: name, err: error }, 'a spooled answer could not be settled; it stays on disk');
    }
  }
  return settled;
}
