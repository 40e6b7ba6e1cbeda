import { applyUsageRetention } from './handlers/apply-retention.ts';
import { checkLifecycles } from './handlers/check-lifecycles.ts';
import { exportTrainingDataNightly } from './handlers/export-training-data.ts';
import { collectUnnamedObjects } from './handlers/collect-objects.ts';
import { evaluateOwnModel } from './handlers/evaluate-own-model.ts';
import { trainWhenReady } from './handlers/train-when-ready.ts';
import { makeUsagePartitions } from './handlers/make-partitions.ts';
import { recountDay } from './handlers/recount-day.ts';
import type { Services } from './services.ts';

/** A job that runs once for every UTC day. */
export interface DailyJob {
  /** When a day is due, in minutes after its midnight UTC. */
  readonly dueAfterMinutes: number;
  /** @param day the day the run is for, YYYY-MM-DD in UTC */
  readonly run: (services: Services, day: string) => Promise<void>;
}

/** Every daily job. The names are the rows of ai_cron_run. */
export const DAILY_JOBS: Readonly<Record<string, DailyJob>> = {
  'make-partitions': { dueAfterMinutes: 5, run: makeUsagePartitions },
  'check-lifecycles': { dueAfterMinutes: 1, run: checkLifecycles },
  'recount-day': { dueAfterMinutes: 30, run: recountDay },
  'export-training-data': { dueAfterMinutes: 90, run: exportTrainingDataNightly },
  'train-when-ready': { dueAfterMinutes: 100, run: trainWhenReady },
  'evaluate-own-model': { dueAfterMinutes: 120, run: evaluateOwnModel },
  'apply-retention': { dueAfterMinutes: 140, run: applyUsageRetention },
  'collect-objects': { dueAfterMinutes: 170, run: collectUnnamedObjects },
};
