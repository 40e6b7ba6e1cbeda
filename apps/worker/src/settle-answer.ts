import { accountCallers, isUnavailable, toSettleJson, type SettledAnswer, type Settlement } from '@ai-core/store';
import type { Services } from './services.ts';
import { wakeCallers } from './wake-callers.ts';

const RETRY_MS = [50, 200, 500] as const;

/**
 * Brings a paid answer into the ledger and wakes its callers. When Postgres does not take it the answer goes to the spool, from
 * where it is settled later.
 */
export async function settleAnswer(services: Services, answer: SettledAnswer): Promise<void> {
  const json = toSettleJson(answer);
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
  services.spool.keep({ workerId, answer: json });
  services.log.warn({ jobId }, 'Postgres is away; the paid answer is kept in the spool');
  return undefined;
}
