import { describe, expect, it } from 'vitest';
import { ATTEMPT_STATES, isFinished, JOB_STATES, UNFINISHED_JOB_STATES } from './job-states.ts';

describe('job states', () => {
  it('are the seven of the ledger, each either finished or not', () => {
    expect([...JOB_STATES].toSorted()).toEqual(['batched', 'cancelled', 'done', 'failed', 'parked', 'queued', 'running']);
    expect(JOB_STATES.filter((state) => !isFinished(state))).toEqual([...UNFINISHED_JOB_STATES]);
  });

  it('have five for attempts', () => {
    expect(new Set(ATTEMPT_STATES).size).toBe(5);
  });
});
