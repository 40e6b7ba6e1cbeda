import type { Services } from './services.ts';
import { makeUsagePartitions } from './handlers/make-partitions.ts';
import { rollUpUsage } from './handlers/roll-up-usage.ts';

/** One maintenance job: when it runs by itself (cron with seconds, UTC), and what it does. */
interface MaintenanceJob {
  readonly pattern: string;
  readonly run: (services: Services) => Promise<void>;
}

/** Every job of the maintenance queue. */
export const MAINTENANCE_JOBS: Readonly<Record<string, MaintenanceJob>> = {
  'roll-up-usage': { pattern: '*/30 * * * * *', run: rollUpUsage },
  'make-partitions': { pattern: '0 20 2 * * *', run: makeUsagePartitions },
};
