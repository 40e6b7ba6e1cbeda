import { accountCallers, isUnavailable, toSettleJson, type SettledAnswer, type Settlement, type StoredAudio } from '@ai-core/store';
import { patiently } from './patiently.ts';
import type { Services } from './services.ts';
import { wakeCallers } from './wake-callers.ts';

const RETRY_MS = [50, 200, 500] as const;

/**
 * Brings a paid answer into the ledger and wakes its callers. When Postgres does not take it the answer goes to the spool, from
 * where it is settled later.
 * @param sound the answer's MP3 when it is in the spool and not yet in the object store: then no row may name it yet
 */
export async function settleAnswer(services: Services, answer: SettledAnswer, sound?: StoredAudio): Promise<void> {
  const json = toSettleJson(answer);
  if (sound !== undefined) {
    services.spool.keep({ workerId: services.workerId(), answer: json, sound });
    services.log.warn({ jobId: answer.jobId }, 'the object store is away; the paid speech is kept in the spool');
    return;
  }
  const settlement = await settleOrSpool(services, answer.jobId, json);
  if (settlement !== undefined) await afterSettlement(services, answer.jobId, settlement);
}

export async function afterSettlement(services: Services, jobId: string, settlement: Settlement): Promise<void> {
  if (settlement.outcome === 'late') {
    services.log.warn({ jobId }, 'a late answer was refused and accounted for');
    return;
  }
  wakeCallers(services, jobId, settlement.replyTo);
  // Left half-way, the sweeper finishes it.
  if (settlement.more) await accountCallers(services.database, jobId).catch(() => undefined);
}

async function settleOrSpool(services: Services, jobId: string, json: Record<string, unknown>): Promise<Settlement | undefined> {
  const workerId = services.workerId();
  for (const waitMs of [0, ...RETRY_MS]) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      return await services.settle(json);
    } catch (error) {
      if (!isUnavailable(error)) {
        services.log.error({ jobId, err: error }, 'a paid answer could not be settled; it is kept in the spool');
        break;
      }
    }
  }
  try {
    services.spool.keep({ workerId, answer: json });
  } catch (error) {
    // A full disk beside an absent ledger: given up here, the answer would be paid for a second time.
    services.log.error({ jobId, err: error }, 'the spool cannot be written; the paid answer is held until the ledger takes it');
    return patiently(services, { what: 'a paid answer', jobId }, () => services.settle(json));
  }
  services.log.warn({ jobId }, 'Postgres is away; the paid answer is kept in the spool');
  return undefined;
}
