/**
 * House-keeping, all on one screen. A job is one row here and one handler of the same name in the worker; the compiler proves
 * that the two lists match. Payloads only grow optional fields, because entries of older versions are still in queues.
 */
import { z } from 'zod';

interface MaintenanceJob {
  readonly payload: z.ZodObject;
  /** Cron pattern of six fields, seconds first, in UTC; null = only when somebody asks for it. */
  readonly schedule: string | null;
}

/** The work follows from the database alone. */
const nothing = z.strictObject({});

export const MAINTENANCE_JOBS = {
  /** Recounts the days that usage rows have touched into the daily cost tables. */
  'roll-up-usage': { payload: nothing, schedule: '0 * * * * *' },
  /** Looks for dead workers, lost queue entries and unaccounted callers now; every maintenance worker also does so by itself. */
  sweep: { payload: nothing, schedule: null },
  /** Makes the coming months' partitions of the usage log. */
  'make-partitions': { payload: nothing, schedule: '0 5 0 * * *' },
} as const satisfies Record<string, MaintenanceJob>;

export type MaintenanceJobName = keyof typeof MAINTENANCE_JOBS;

export type MaintenancePayload<Name extends MaintenanceJobName> = z.infer<(typeof MAINTENANCE_JOBS)[Name]['payload']>;

export const MAINTENANCE_JOB_NAMES = Object.keys(MAINTENANCE_JOBS) as MaintenanceJobName[];

/** @returns true when there is a maintenance job of this name */
export function isMaintenanceJobName(name: string): name is MaintenanceJobName {
  return Object.hasOwn(MAINTENANCE_JOBS, name);
}
