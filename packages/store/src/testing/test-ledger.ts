/** A ledger with a registered worker for tests of the store: short ways to admit, claim, settle and fail, and to check the whole. */
import { randomUUID } from 'node:crypto';
import { NO_USAGE, type Candidate, type Dispatch } from '@ai-core/core';
import { createAdmission, type Admission, type AdmissionRequest } from '../admission.ts';
import { createClaims, type Claim, type ClaimedJob } from '../claim.ts';
import type { Database } from '../database.ts';
import { checkInvariants } from '../invariants.ts';
import { checkRollUp } from '../roll-up.ts';
import {
  createSettle,
  failAttempt,
  toSettleJson,
  type FailedAttempt,
  type FailureSettlement,
  type SettledAnswer,
  type Settlement,
} from '../settle.ts';
import { createTestDatabase } from '../testing.ts';
import { registerWorker } from '../worker-registry.ts';

const QUEUE = 'text-openai';
export const COST = 1_500_000n;
const PRICE_ID = '018f0000-0000-7000-8000-000000000001';

/** The chain every test job has: two models of two queues. */
const CANDIDATES: readonly Candidate[] = [
  { provider: 'openai', model: 'first', queue: QUEUE, max_cost_nano_usd: '5000000', price_id: PRICE_ID },
  { provider: 'claude', model: 'second', queue: 'text-claude', max_cost_nano_usd: '6000000', price_id: PRICE_ID },
];

/** A usage row as tests look at it. */
export interface UsageRow {
  readonly id: string;
  readonly row_kind: string;
  readonly source: string;
  readonly cost_nano_usd: bigint | null;
  readonly saved_nano_usd: bigint;
  readonly saved_source: string | null;
  readonly success: boolean;
  readonly error_code: string | null;
  readonly corrects_id: string | null;
  readonly at: Date;
}

export interface TestWorker {
  id(): string;
  claim(job: { readonly jobId: string; readonly generation: string }): Promise<Claim>;
  /** Claims a job that must be there to be claimed. */
  take(admission: Admission): Promise<ClaimedJob>;
  answer(job: ClaimedJob, changes?: Partial<Pick<SettledAnswer, 'text' | 'remember' | 'usage' | Money>>): Promise<Settlement>;
  fail(job: ClaimedJob, changes: Partial<FailedAttempt> & Pick<FailedAttempt, 'action'>): Promise<FailureSettlement>;
  /** Gives its row up: it is dead from now on. */
  die(): Promise<void>;
}

/** What a test may say of the money of an answer. */
type Money = 'costNanoUsd' | 'realtimeNanoUsd' | 'counterfactualNanoUsd' | 'priceId';

export interface TestLedger {
  readonly database: Database;
  readonly worker: TestWorker;
  openWorker(): Promise<TestWorker>;
  admit(changes?: Partial<AdmissionRequest>): Promise<Admission>;
  /** Usage rows of a job, oldest first. */
  rowsOf(jobId: string): Promise<UsageRow[]>;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Lets everything that has ended have ended so many seconds earlier. */
  age(seconds: number): Promise<void>;
  /**
   * Lets the grace of the invariants pass and checks them all, and the daily tables against a recount.
   * @throws Error that lists what is wrong
   */
  assertSound(): Promise<void>;
  close(): Promise<void>;
}

/** A request for a key of its own; requests with the same promptHash ask for the same work. */
function makeRequest(changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    requestId: randomUUID(),
    promptHash: randomUUID(),
    scope: 'shared',
    simulated: true,
    shared: true,
    kind: 'text',
    requestType: 'quiz',
    request: { kind: 'text', request_type: 'quiz', prompt: 'a question', options: {}, selection_mode: 'auto' },
    candidates: CANDIDATES,
    selectionMode: 'auto',
    cacheMode: 'use',
    maxAgeS: null,
    lane: 'interactive',
    priority: 0,
    deadlineMs: null,
    expiresAfterDays: null,
    userId: 'user',
    caller: 'test',
    userCategory: '',
    endpoint: 'endpoint',
    replyTo: 'inbox',
    sealedValues: null,
    dispatchWindow: 1_000,
    ...changes,
  };
}

/** The job of an admission that is not a hit. */
export function jobOf(admission: Admission): string {
  if (admission.outcome === 'hit' || admission.outcome === 'refused')
    throw new Error(`the request was ${admission.outcome} and has no job`);
  return admission.jobId;
}

/** The queue entry of an admission that is new work. */
export function dispatchOf(admission: Admission): Dispatch {
  if (admission.outcome !== 'created' || admission.dispatch === null) throw new Error('the request was not dispatched');
  return admission.dispatch;
}

async function openTestWorker(database: Database, url: string): Promise<TestWorker> {
  const registry = await registerWorker({ url, roles: [QUEUE] });
  // A dead worker answers late under the id it had.
  const id = registry.workerId();
  const claim = createClaims(database, () => id);
  const settle = createSettle(database, () => id);
  return {
    id: () => id,
    claim: ({ jobId, generation }) => claim({ jobId, generation }),
    async take(admission) {
      const claimed = await claim(dispatchOf(admission));
      if (claimed.outcome !== 'claimed') throw new Error(`the job was not claimed: ${claimed.outcome}`);
      return claimed.job;
    },
    answer: (job, changes = {}) =>
      settle(
        toSettleJson({
          ...paid(job),
          remember: job.shared,
          promptText: 'a question',
          text: 'an answer',
          audio: null,
          latencyMs: 12,
          ignoredOptions: [],
          ...changes,
        }),
      ),
    fail: (job, changes) =>
      failAttempt(database, id, {
        ...paid(job),
        usage: null,
        costNanoUsd: null,
        delayMs: 0,
        charged: 'no',
        answersForS: null,
        errorCode: 'PROVIDER_UNAVAILABLE',
        errorMessage: 'the provider was away',
        health: null,
        ...changes,
      }),
    die: () => registry.close(),
  };
}

function paid(job: ClaimedJob) {
  return {
    jobId: job.jobId,
    fence: job.fence,
    attemptId: job.attemptId,
    usage: { ...NO_USAGE, inputTokens: 100, outputTokens: 50 },
    rawUsage: { prompt_tokens: 100, completion_tokens: 50 },
    costNanoUsd: COST,
    priceId: PRICE_ID,
    billedModel: job.model,
    providerRequestId: `provider-${job.attemptId}`,
  };
}

/** Opens a ledger of its own: a copy of the template with one worker in it. */
export async function createTestLedger(server: { readonly serverUrl: string; readonly template: string }): Promise<TestLedger> {
  const test = await createTestDatabase(server);
  const { database } = test;
  const admit = createAdmission(database);
  const workers: TestWorker[] = [];

  async function openWorker(): Promise<TestWorker> {
    const worker = await openTestWorker(database, test.url);
    workers.push(worker);
    return worker;
  }

  async function query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await database.pool.query<Row>(text, [...values])).rows;
  }

  async function age(seconds: number): Promise<void> {
    await query('update ai_job set finished_at = finished_at - make_interval(secs => $1) where finished_at is not null', [seconds]);
    await query('update ai_attempt set finished_at = finished_at - make_interval(secs => $1) where finished_at is not null', [seconds]);
    await query('update ai_worker set dead_at = dead_at - make_interval(secs => $1) where dead_at is not null', [seconds]);
  }

  return {
    database,
    worker: await openWorker(),
    openWorker,
    admit: (changes) => admit(makeRequest(changes)),
    rowsOf: (jobId) =>
      query<UsageRow>(
        `select id, row_kind, source, cost_nano_usd, saved_nano_usd, saved_source, success, error_code, corrects_id, at
         from ai_usage_log where job_id = $1 order by at, created_at, id`,
        [jobId],
      ),
    query,
    age,
    async assertSound() {
      await age(20);
      const broken = (await checkInvariants(database)).filter((result) => result.broken > 0);
      const { differences } = await checkRollUp(database);
      if (broken.length + differences.length > 0) throw new Error(`the ledger has gaps: ${JSON.stringify({ broken, differences })}`);
    },
    async close() {
      for (const worker of workers) await worker.die();
      await test.drop();
    },
  };
}
