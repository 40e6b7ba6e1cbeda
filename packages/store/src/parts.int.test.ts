/** Limits hold for the calls of parts as for any other. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import type { ClaimedJob } from './claim.ts';
import { setMostAtOnce } from './most-at-once.ts';
import { beginPart, failPart } from './parts.ts';
import { createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterEach(() => ledger.close());

const take = async (): Promise<ClaimedJob> => ledger.worker.take(await ledger.admit());

async function begin(job: ClaimedJob, part: number): Promise<{ outcome: string; attemptId: string; waitMs: number }> {
  const attemptId = randomUUID();
  const turn = await beginPart(ledger.database, ledger.worker.id(), {
    jobId: job.jobId,
    fence: job.fence,
    attemptId,
    part,
    priceId: null,
    maxCostNanoUsd: 1_000n,
  });
  return { outcome: turn.outcome, attemptId, waitMs: turn.outcome === 'wait' ? turn.waitMs : 0 };
}

const end = (job: ClaimedJob, attemptId: string) =>
  failPart(ledger.database, {
    jobId: job.jobId,
    fence: job.fence,
    attemptId,
    usage: null,
    rawUsage: null,
    costNanoUsd: null,
    priceId: null,
    billedModel: null,
    providerRequestId: null,
    charged: 'no',
    errorCode: 'PROVIDER_UNREACHABLE',
    errorMessage: 'nobody was there',
  });

it('a part waits while the provider has as many calls as it allows at once, and goes on when one has ended', async () => {
  await setMostAtOnce(ledger.database, 'openai', 2);
  const job = await take();
  const first = await begin(job, 1);
  expect(first.outcome).toBe('begun');
  // The frame of the parts is no call: there is room for one more.
  expect((await begin(job, 2)).outcome).toBe('begun');
  const third = await begin(job, 3);
  expect(third.outcome).toBe('wait');
  expect(third.waitMs).toBeLessThanOrEqual(500);
  const other = await ledger.admit();
  if (other.outcome !== 'created' || other.dispatch === null) throw new Error(other.outcome);
  expect((await ledger.worker.claim(other.dispatch)).outcome).toBe('refused');
  await end(job, first.attemptId);
  expect((await begin(job, 3)).outcome).toBe('begun');
});

it('one call at once is enough for a speech in parts, and for two of them', async () => {
  await setMostAtOnce(ledger.database, 'openai', 1);
  const job = await take();
  const first = await begin(job, 1);
  expect([first.outcome, (await begin(job, 2)).outcome]).toEqual(['begun', 'wait']);
  await end(job, first.attemptId);
  const neighbour = await take();
  expect((await begin(job, 2)).outcome).toBe('wait');
  const theirs = await begin(neighbour, 1);
  expect(theirs.outcome).toBe('begun');
  await end(neighbour, theirs.attemptId);
  expect((await begin(job, 2)).outcome).toBe('begun');
});

it('each part after the first, which the claim has paid for, takes its place in the requests of a minute', async () => {
  await ledger.query(
    `insert into ai_provider_config (id, provider, model_name, kind, tier, limits, cost_per_million_tokens)
     values (gen_random_uuid(), 'openai', 'first', 'text', 'cheap', '{"requestsPerMinute": 1}', 1)`,
  );
  const job = await take();
  expect((await begin(job, 1)).outcome).toBe('begun');
  const second = await begin(job, 2);
  expect(second.outcome).toBe('wait');
  expect(second.waitMs).toBeGreaterThan(0);
  await ledger.query(`update ai_rate_bucket set refilled_at = refilled_at - interval '2 minutes'`);
  expect((await begin(job, 2)).outcome).toBe('begun');
});

it('a worker that has lost the job begins nothing', async () => {
  const job = await take();
  await ledger.query('update ai_job set fence = fence + 1 where id = $1', [job.jobId]);
  expect((await begin(job, 1)).outcome).toBe('lost');
});
