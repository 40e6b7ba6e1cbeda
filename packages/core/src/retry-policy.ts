/**
 * The one owner of retries: what to do with a job after a failed attempt. Vendor SDKs and the queue retry nothing, because
 * they neither know the other candidates nor the deadline, and some sleep through a Retry-After inside a worker.
 */
import { hash } from 'node:crypto';
import { ERRORS } from './errors.ts';
import type { ErrorCode } from './errors.ts';

export interface FailedAttempt {
  readonly code: ErrorCode;
  /** What the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Failed attempts of the job so far, this one included. */
  readonly attempt: number;
  /** Failed attempts on this candidate, this one included. */
  readonly attemptsOnCandidate: number;
  /** Candidates of the chain that were not tried yet. */
  readonly candidatesLeft: number;
  /** One of them has a larger context than the one that failed. */
  readonly largerContextLeft?: boolean | undefined;
  /** A pinned choice that may not fall elsewhere. */
  readonly manual: boolean;
  /** Milliseconds since the epoch; null = none. */
  readonly deadlineAt: number | null;
  /** Milliseconds since the epoch by the same clock as the deadline. */
  readonly now: number;
  /** Seeds the jitter, so that a decision can be repeated. */
  readonly jobId: string;
}

/** later: the same model, in `delayMs`. elsewhere: the next candidate, at once. never: the job has failed. */
export type RetryDecision =
  | { readonly action: 'later'; readonly delayMs: number }
  | { readonly action: 'elsewhere' }
  | { readonly action: 'never' };

/** Attempts on one candidate before the next one gets the job. */
const TRIES_WITH_ANOTHER = 3;
/** Attempts on the last candidate: with the back-off below they span about 45 s, longer than a provider's usual brown-out. */
const TRIES_ON_LAST = 8;
/** Attempts of one job on all its candidates. */
const MAX_ATTEMPTS = 20;
/**
 * Failures that pass to the next candidate but may succeed on the same one, which is worth a second, paid try when there is no
 * other. Keys and quotas do not mend themselves and have one.
 */
const TRIES_WITHOUT_ANOTHER: Partial<Record<ErrorCode, number>> = { PROVIDER_TIMEOUT: 2, PROVIDER_BAD_ANSWER: 2 };

/**
 * Failures of the request when it comes in, but of the provider once it is under way: a model that was there at admission and is
 * gone at the call. The next candidate gets the job; without one it fails as the table says. So does a request that a model finds
 * longer than it was counted, as long as a model with a larger context is left.
 */
const PASSED_ON: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['MODEL_UNKNOWN']);

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
/** A longer wait than this is not worth it while another candidate is left. */
const RETRY_AFTER_CAP_MS = 30_000;
/** The longest wait for the last candidate; beyond it the caller is told. */
const LAST_RETRY_AFTER_CAP_MS = 15 * 60_000;

/** Failures of the request itself: asking again within a minute would fail the same way, so the failed job answers. */
export const FAILURES_THAT_ANSWER: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['PROVIDER_REFUSED', 'CONTEXT_TOO_LONG', 'VOICE_UNKNOWN']);

/** How long a failed job answers for its hash, in milliseconds. */
export const FAILURE_ANSWERS_FOR_MS = 60_000;

/** A number from 0 up to 1 that is the same for the same attempt of the same job. */
function jitter(jobId: string, attempt: number): number {
  return Number.parseInt(hash('sha256', `${jobId}/${attempt}`).slice(0, 8), 16) / 2 ** 32;
}

/**
 * Milliseconds until the same model is tried again: doubling from 0.5 s up to 30 s, the upper half of it at random, or what the
 * provider asked for plus up to a tenth, so that a fleet does not come back in one moment.
 */
function delayOf(failure: FailedAttempt): number {
  const random = jitter(failure.jobId, failure.attempt);
  const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failure.attemptsOnCandidate - 1));
  const jittered = backoffMs / 2 + (backoffMs / 2) * random;
  const retryAfterMs = failure.retryAfterMs ?? 0;
  return Math.ceil(Math.max(jittered, retryAfterMs + (retryAfterMs / 10) * random));
}

/**
 * Decides what happens after a failed attempt. ERRORS says what a failure allows; this adds the counts, the waiting times and
 * the deadline:
 * - `never` fails the job.
 * - `elsewhere` takes the next candidate; without one, a second try where TRIES_WITHOUT_ANOTHER grants it, else the job fails.
 * - `later` waits and tries the same candidate; after its tries, or when the wait is too long or ends past the deadline, it
 *   is `elsewhere`, and after the last candidate `never`.
 */
export function decideRetry(failure: FailedAttempt): RetryDecision {
  const another = !failure.manual && failure.candidatesLeft > 0;
  const passedOn = PASSED_ON.has(failure.code) || (failure.code === 'CONTEXT_TOO_LONG' && failure.largerContextLeft === true);
  const retry = another && passedOn ? 'elsewhere' : ERRORS[failure.code].retry;
  const expired = failure.deadlineAt !== null && failure.now >= failure.deadlineAt;
  if (retry === 'never' || expired || failure.attempt >= MAX_ATTEMPTS) return { action: 'never' };

  const otherwise: RetryDecision = another ? { action: 'elsewhere' } : { action: 'never' };
  if (retry === 'elsewhere' && another) return otherwise;
  const last = retry === 'elsewhere' ? (TRIES_WITHOUT_ANOTHER[failure.code] ?? 1) : TRIES_ON_LAST;
  if (failure.attemptsOnCandidate >= (another ? TRIES_WITH_ANOTHER : last)) return otherwise;
  if ((failure.retryAfterMs ?? 0) > (another ? RETRY_AFTER_CAP_MS : LAST_RETRY_AFTER_CAP_MS)) return otherwise;
  const delayMs = delayOf(failure);
  if (failure.deadlineAt !== null && failure.now + delayMs >= failure.deadlineAt) return otherwise;
  return { action: 'later', delayMs };
}
