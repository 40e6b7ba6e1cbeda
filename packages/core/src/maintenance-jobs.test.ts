import { describe, expect, it } from 'vitest';
import { isMaintenanceJobName, MAINTENANCE_JOB_NAMES, MAINTENANCE_JOBS } from './maintenance-jobs.ts';

describe('maintenance jobs', () => {
  it('roll up every minute and make partitions every day', () => {
    expect(MAINTENANCE_JOBS['roll-up-usage'].schedule).toBe('0 * * * * *');
    expect(MAINTENANCE_JOBS['make-partitions'].schedule).toBe('0 5 0 * * *');
  });

  it.each(MAINTENANCE_JOB_NAMES)('%s has a kebab-case name, six cron fields or none, and runs on an empty payload', (name) => {
    const { schedule, payload } = MAINTENANCE_JOBS[name];
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(schedule === null || /^(\S+ ){5}\S+$/.test(schedule)).toBe(true);
    expect(payload.safeParse({}).success).toBe(true);
    expect(payload.safeParse({ surprise: 1 }).success).toBe(false);
  });

  it('knows its names and nothing that only looks like one', () => {
    expect(isMaintenanceJobName('sweep')).toBe(true);
    for (const name of ['toString', '__proto__', 'Sweep', '']) expect(isMaintenanceJobName(name)).toBe(false);
  });
});
