import {
  AiCoreError,
  decideRetry,
  ERRORS,
  FAILURE_ANSWERS_FOR_MS,
  FAILURES_THAT_ANSWER,
  isProviderName,
  judgeHealth,
  queueOf,
  type RetryDecision,
} from '@ai-core/core';
import { isProviderFailure, type Charged } from '@ai-core/providers';
import {
  accountCallers,
  failAttempt,
  isUnavailable,
  ledgerTimeMs,
  type ClaimedJob,
  type FailedAttempt,
  type FailureSettlement,
} from '@ai-core/store';
import { dispatchJobs } from './dispatch-jobs.ts';
import { priceCall, type PricedUsage } from './price-call.ts';
import type { Services } from './services.ts';
import { wakeCallers } from './wake-callers.ts';

const RETRY_MS = [0, 100, 500, 1_000, 2_000] as const;
const LATER_RETRY_MS = 2_000;
/** Some providers ask for days; after this long one call may ask again. */
const LONGEST_PAUSE_MS = 15 * 60_000;

/** Writes down what a failure comes to. */
type FailureWriter = (failure: FailedAttempt) => Promise<FailureSettlement>;

/**
 * One attempt failed: asks the retry policy what becomes of the job and writes it down, as soon as Postgres takes it. When this
 * process has to end before that nothing is written: its lease ends and the sweeper takes the job over, with the attempt's outcome
 * unknown.
 */
export function failJob(services: Services, job: ClaimedJob, thrown: unknown): Promise<void> {
  const workerId = services.workerId();
  return failJobBy(services, { job, thrown, write: (failure) => failAttempt(services.database, workerId, failure) });
}

interface Failed {
  readonly job: ClaimedJob;
  readonly thrown: unknown;
  readonly write: FailureWriter;
}

/** The same with another way of writing it down. */
export async function failJobBy(services: Services, { job, thrown, write }: Failed): Promise<void> {
  const error = AiCoreError.from(thrown);
  // Cut off, or broken off where it could be gone on with.
  const handedBack = services.handBack.aborted || (services.isStopping() && error.code === 'JOB_CANCELLED');
  const decision: RetryDecision = handedBack ? { action: 'later', delayMs: 0 } : decide(job, error);
  const charged: Charged = isProviderFailure(error) ? error.charged : 'no';
  const priced: PricedUsage | null =
    isProviderFailure(error) && error.usage !== null
      ? await priceCall(services, job, { usage: error.usage, model: error.model ?? job.model })
      : null;

  const failure: FailedAttempt = {
    jobId: job.jobId,
    fence: job.fence,
    attemptId: job.attemptId,
    usage: priced?.usage ?? null,
    rawUsage: isProviderFailure(error) ? error.rawUsage : null,
    costNanoUsd: priced?.costNanoUsd ?? null,
    realtimeNanoUsd: priced?.realtimeNanoUsd,
    priceId: priced?.priceId ?? null,
    billedModel: isProviderFailure(error) ? error.model : null,
    providerRequestId: isProviderFailure(error) ? error.providerRequestId : null,
    action: handedBack ? 'hand_back' : decision.action,
    delayMs: decision.action === 'later' ? decision.delayMs : 0,
    charged,
    answersForS: FAILURES_THAT_ANSWER.has(error.code) ? FAILURE_ANSWERS_FOR_MS / 1_000 : null,
    errorCode: error.code,
    errorMessage: error.reason,
    health: handedBack ? null : judgeHealth(error.code),
  };
  await pauseProvider(services, job, error);
  const settled = await writeFailure(services, () => write(failure));
  report(services, job, { error, decision, settled });
  if (settled === undefined) return;
  if (settled.circuitOpened) alertOfCircuit(services, job, error);
  if (settled.dispatch !== null) await dispatchJobs(services, [settled.dispatch], { front: handedBack });
  wakeCallers(services, job.jobId, settled.replyTo);
  if (settled.more) await accountCallers(services.database, job.jobId).catch(() => undefined);
}

function hasLargerLeft({ candidates, candidate }: ClaimedJob): boolean {
  const own = candidates[candidate]?.context_tokens ?? Number.POSITIVE_INFINITY;
  return candidates.slice(candidate + 1).some(({ context_tokens: other }) => (other ?? 0) > own);
}

function decide(job: ClaimedJob, error: AiCoreError): RetryDecision {
  return decideRetry({
    code: error.code,
    retryAfterMs: error.retryAfterMs,
    attempt: job.attempts,
    attemptsOnCandidate: job.candidateAttempts,
    candidatesLeft: job.candidates.length - 1 - job.candidate,
    largerContextLeft: hasLargerLeft(job),
    manual: job.candidates.length === 1,
    deadlineAt: job.deadline?.getTime() ?? null,
    now: ledgerTimeMs(job),
    jobId: job.jobId,
  });
}

/** A rate limit holds for the provider, not for the job: nobody in the fleet calls it before its time. */
async function pauseProvider(services: Services, job: ClaimedJob, error: AiCoreError): Promise<void> {
  if (error.code !== 'PROVIDER_RATE_LIMITED' || error.retryAfterMs === undefined) return;
  const queue = isProviderName(job.provider) ? queueOf(job.provider, job.kind) : undefined;
  if (queue === undefined) return;
  await services.queue
    .pauseFor(queue, Math.min(error.retryAfterMs, LONGEST_PAUSE_MS))
    .catch((cause: unknown) => services.log.warn({ queue, err: cause }, 'the queue could not be paused'));
}

/**
 * Not given up while this process lives: as long as its lease stands nobody else takes the job, and it would run for ever.
 * @returns undefined when the process has to end first
 */
async function writeFailure(services: Services, write: () => Promise<FailureSettlement>): Promise<FailureSettlement | undefined> {
  for (let tries = 0; ; tries++) {
    const waitMs = RETRY_MS[tries];
    if (waitMs === undefined && services.isStopping()) return undefined;
    await new Promise((resolve) => setTimeout(resolve, waitMs ?? LATER_RETRY_MS));
    try {
      return await write();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }
}

/** What to do is in the code's advice; a circuit closes by itself when a probe works. */
function alertOfCircuit(services: Services, job: ClaimedJob, error: AiCoreError): void {
  services.snapshots.invalidate();
  services.log.error(
    { alert: 'circuit_open', provider: job.provider, code: error.code, reason: error.reason, advice: ERRORS[error.code].advice },
    'the circuit of a provider is open: it is left out of choices until a probe works',
  );
}

interface FailureReport {
  readonly error: AiCoreError;
  readonly decision: RetryDecision;
  readonly settled: FailureSettlement | undefined;
}

/** One line per attempt: a warning while the job goes on, an error when it has failed for good. */
function report(services: Services, job: ClaimedJob, { error, decision, settled }: FailureReport): void {
  const fields = {
    jobId: job.jobId,
    attemptId: job.attemptId,
    provider: job.provider,
    model: job.model,
    code: error.code,
    reason: error.reason,
    next: settled?.outcome ?? 'unwritten',
    action: decision.action,
  };
  if (settled?.outcome === 'failed' && error.facts.fault === 'us') services.log.error({ ...fields, err: error.cause }, 'a job failed');
  else services.log.warn(fields, settled?.outcome === 'failed' ? 'a job failed' : 'an attempt failed');
}
