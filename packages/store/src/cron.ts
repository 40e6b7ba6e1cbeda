import type { Database, Statement } from './database.ts';

const CLAIM: Statement = {
  name: 'claim_cron',
  text: `select to_char(ai_claim_cron($1, make_interval(mins => $2), $3), 'YYYY-MM-DD') as day`,
};
const FINISH: Statement = { name: 'finish_cron', text: 'select ai_finish_cron($1, $2, $3, $4) as finished' };

export interface CronRun {
  readonly name: string;
  /** The day the run is for, YYYY-MM-DD in UTC: not necessarily the day it happens on. */
  readonly day: string;
  readonly workerId: string;
}

export interface CronQuestion {
  readonly name: string;
  /** When in a day it is due, in minutes after midnight UTC. */
  readonly dueAfterMinutes: number;
  readonly workerId: string;
}

/** The next run of a daily job, now this worker's; null when nothing is due or somebody else is at it. Missed days come one by one, in order. */
export async function claimCron(database: Database, question: CronQuestion): Promise<CronRun | null> {
  const { name, dueAfterMinutes, workerId } = question;
  const [row] = await database.query<{ day: string | null }>(CLAIM, [name, dueAfterMinutes, workerId]);
  return row?.day == null ? null : { name, day: row.day, workerId };
}

/**
 * Writes down how a run ended.
 * @param error null = it is done; otherwise why it failed, and it will be tried again
 * @returns false when the run had been given to another worker meanwhile
 */
export async function finishCron(database: Database, run: CronRun, error: string | null): Promise<boolean> {
  const [row] = await database.query<{ finished: boolean }>(FINISH, [run.name, run.day, run.workerId, error]);
  return row?.finished ?? false;
}
