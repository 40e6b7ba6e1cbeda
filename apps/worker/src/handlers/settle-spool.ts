import { createSettle, isUnavailable } from '@ai-core/store';
import type { Services } from '../services.ts';
import { afterSettlement } from '../settle-answer.ts';

/**
 * Settles what lies in the spool, oldest first, until Postgres is away again. An answer is forgotten only when the ledger has it.
 * @returns how many were settled
 */
export async function settleSpool(services: Services): Promise<number> {
  let settled = 0;
  for (const { name, spooled } of services.spool.list()) {
    try {
      const settle = createSettle(services.database, () => spooled.workerId);
      const settlement = await settle(spooled.answer);
      services.spool.forget(name);
      settled++;
      await afterSettlement(services, String(spooled.answer['job_id']), settlement);
    } catch (error) {
      if (isUnavailable(error)) return settled;
      services.log.error({ file: name, err: error }, 'a spooled answer could not be settled; it stays on disk');
    }
  }
  return settled;
}
