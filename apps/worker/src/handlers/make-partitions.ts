import { makePartitions } from '@ai-core/store';
import type { Services } from '../services.ts';

const MONTHS_AHEAD = 3;

/** Makes the usage log's partitions of the months to come. */
export async function makeUsagePartitions(services: Services): Promise<void> {
  const made = await makePartitions(services.database, MONTHS_AHEAD);
  if (made.length > 0) services.log.info({ partitions: made }, 'partitions made');
}
