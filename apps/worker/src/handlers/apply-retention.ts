import { applyRetention } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Removes jobs, attempts and months of the usage log that are past their time. */
export async function applyUsageRetention(services: Services): Promise<void> {
  const { jobs, partitions } = await applyRetention(services.database);
  if (jobs > 0 || partitions.length > 0) services.log.info({ jobs, partitions }, 'what was past its time is removed');
}
