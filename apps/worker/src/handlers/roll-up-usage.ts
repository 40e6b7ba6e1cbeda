import { rollUp } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Recomputes the daily tables for every day touched since the last time. */
export async function rollUpUsage(services: Services): Promise<void> {
  const { days } = await rollUp(services.database);
  if (days.length > 0) services.log.debug({ days }, 'daily tables recomputed');
}
