import { AiCoreError } from '@ai-core/core';
import { claimCron, finishCron } from '@ai-core/store';
import { DAILY_JOBS, type DailyJob } from '../daily-jobs.ts';
import type { Services } from '../services.ts';

/**
 * Runs every daily job for every day that is due: after an outage the missed days one by one and in order, each exactly once
 * however many processes look at the same time. Called each minute.
 */
export async function runDailyJobs(services: Services): Promise<void> {
  for (const [name, job] of Object.entries(DAILY_JOBS)) await runDueDays(services, name, job);
}

async function runDueDays(services: Services, name: string, job: DailyJob): Promise<void> {
  for (;;) {
    if (services.isStopping()) return;
    const run = await claimCron(services.database, { name, dueAfterMinutes: job.dueAfterMinutes, workerId: services.workerId() });
    if (run === null) return;
    try {
      await job.run(services, run.day);
      await finishCron(services.database, run, null);
      services.log.info({ job: name, day: run.day }, 'a daily job is done');
    } catch (error) {
      services.log.error({ job: name, day: run.day, err: error }, 'a daily job failed; it is tried again');
      await finishCron(services.database, run, AiCoreError.from(error).message);
      return;
    }
  }
}
