/** Words for where a piece of work and each of its paid attempts stand: the values of ai_job.state and ai_attempt.state. */

/** States of a job that will still change by itself or by an operator; a new request of the same hash joins it. */
export const UNFINISHED_JOB_STATES = ['queued', 'running', 'parked', 'batched'] as const;

export const FINISHED_JOB_STATES = ['done', 'failed', 'cancelled'] as const;

/**
 * queued: waits for a worker. running: a worker holds its lease. parked: waits for money or a person. batched: is with the
 * provider's batch API. done, failed, cancelled: finished.
 */
export const JOB_STATES = [...UNFINISHED_JOB_STATES, ...FINISHED_JOB_STATES] as const;
export type JobState = (typeof JOB_STATES)[number];

/** @returns true when a job in this state has its final outcome */
export function isFinished(state: JobState): boolean {
  return (FINISHED_JOB_STATES as readonly JobState[]).includes(state);
}

/**
 * reserved: written before the call, with its highest cost. billed: the provider charged. not_billed: it did not. late: paid,
 * but somebody else had taken the job over. unknown: the worker died during the call and nobody knows yet.
 */
export const ATTEMPT_STATES = ['reserved', 'billed', 'not_billed', 'unknown', 'late'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];
