import { evaluateRequested } from './handlers/evaluate-requested.ts';
import { expireUnrememberedSpeech } from './handlers/expire-speech.ts';
import { rollUpUsage } from './handlers/roll-up-usage.ts';
import { runDailyJobs } from './handlers/run-daily-jobs.ts';
import { trainModels } from './handlers/train-models.ts';
import { watchOwnModels } from './handlers/watch-own-models.ts';
import type { Services } from './services.ts';

/** One maintenance job: when it runs by itself (cron with seconds, UTC), and what it does. */
interface MaintenanceJob {
  readonly pattern: string;
  readonly run: (services: Services) => Promise<void>;
}

/** Every job of the maintenance queue. A tick that is missed does no harm: each works off whatever is due. */
export const MAINTENANCE_JOBS: Readonly<Record<string, MaintenanceJob>> = {
  'roll-up-usage': { pattern: '*/30 * * * * *', run: rollUpUsage },
  'expire-speech': { pattern: '45 7 * * * *', run: expireUnrememberedSpeech },
  'train-models': { pattern: '*/5 * * * * *', run: trainModels },
  'evaluate-requested': { pattern: '*/5 * * * * *', run: evaluateRequested },
  'watch-own-models': { pattern: '40 * * * * *', run: watchOwnModels },
  'run-daily-jobs': { pattern: '15 * * * * *', run: runDailyJobs },
};
