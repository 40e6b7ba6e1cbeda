import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { cancel, retryJobs } from './cancel.ts';
import { resolveUnknownAttempt, type Resolution } from './reconcile.ts';
import { sweepRunning } from './sweep.ts';
import { COST, createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
afterEach(() => ledger.assertSound());

const attemptState = async (id: string) =>
  (await ledger.query<{ state: string }>('select state from ai_attempt where id = $1', [id]))[0]?.state;

describe('cancelling', () => {
  it('lets one caller go and leaves the job to the others, the next of whom pays', async () => {
    const promptHash = randomUUID();
    const [leaver, stayer] = [randomUUID(), randomUUID()];
    const admission = await ledger.admit({ promptHash, requestId: leaver });
    await ledger.admit({ promptHash, requestId: stayer });
    const job = await ledger.worker.take(admission);
    expect((await cancel(ledger.database, job.jobId, leaver)).outcome).toBe('left');
    expect((await ledger.worker.answer(job)).outcome).toBe('done');
    expect((await ledger.rowsOf(job.jobId)).map((row) => [row.id, row.cost_nano_usd, row.error_code])).toEqual([
      [leaver, 0n, 'JOB_CANCELLED'],
      [stayer, COST, null],
    ]);
    expect((await cancel(ledger.database, job.jobId, stayer)).outcome).toBe('finished');
  });

  it('cancels the job with the last caller; the answer of its running call is late', async () => {
    const requestId = randomUUID();
    const job = await ledger.worker.take(await ledger.admit({ requestId }));
    expect(await cancel(ledger.database, job.jobId, requestId)).toEqual({ outcome: 'cancelled', replyTo: ['inbox'] });
    expect((await ledger.worker.answer(job)).outcome).toBe('late');
    expect((await ledger.rowsOf(job.jobId)).map((row) => [row.row_kind, row.source, row.cost_nano_usd, row.error_code])).toEqual([
      ['request', 'provider', 0n, 'JOB_CANCELLED'],
      ['attempt', 'late', COST, null],
    ]);
    expect((await cancel(ledger.database, randomUUID(), null)).outcome).toBe('unknown');
  });

  it('leaves a call whose end nobody saw as unknown, whether it failed so or its worker died', async () => {
    const doomed = await ledger.openWorker();
    const failing = await ledger.worker.take(await ledger.admit());
    const dying = await doomed.take(await ledger.admit());
    for (const job of [failing, dying]) await cancel(ledger.database, job.jobId, null);
    expect((await ledger.worker.fail(failing, { action: 'later', charged: 'unknown' })).outcome).toBe('late');
    await doomed.die();
    expect(await sweepRunning(ledger.database)).toEqual([]);
    expect(await attemptState(failing.attemptId)).toBe('unknown');
    expect(await attemptState(dying.attemptId)).toBe('unknown');
    for (const { attemptId } of [failing, dying]) await resolveUnknownAttempt(ledger.database, resolutionOf(attemptId));
  });
});

const resolutionOf = (attemptId: string): Resolution => ({
  attemptId,
  state: 'billed',
  usage: null,
  costNanoUsd: COST,
  priceId: null,
  billedModel: null,
  providerRequestId: null,
  settledBy: 'write-off',
});

describe('a retry of a failed job', () => {
  it('leaves the rows of callers that were told and gives the money of the new attempt a row of its own', async () => {
    const requestId = randomUUID();
    const promptHash = randomUUID();
    const job = await ledger.worker.take(await ledger.admit({ requestId, promptHash }));
    await ledger.worker.fail(job, { action: 'never', answersForS: 60 });
    const told = await ledger.rowsOf(job.jobId);
    const [retried] = await retryJobs(ledger.database, [job.jobId]);
    expect(retried?.outcome).toBe('queued');
    const claim = await ledger.worker.claim(retried?.dispatch ?? { jobId: '', generation: '' });
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
    await ledger.worker.answer(claim.job);
    const rows = await ledger.rowsOf(job.jobId);
    expect(rows.filter((row) => row.row_kind === 'request')).toEqual(told);
    expect(rows.filter((row) => row.row_kind === 'attempt').map((row) => [row.id, row.cost_nano_usd])).toEqual([
      [claim.job.attemptId, COST],
    ]);
    expect((await ledger.admit({ promptHash })).outcome).toBe('hit');
  });

  it('accounts for the money too when the job had ended before anyone called', async () => {
    const admission = await ledger.admit();
    await cancel(ledger.database, jobOf(admission), null);
    const [retried] = await retryJobs(ledger.database, [jobOf(admission)]);
    const claim = await ledger.worker.claim(retried?.dispatch ?? { jobId: '', generation: '' });
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
    await ledger.worker.answer(claim.job);
    const rows = await ledger.rowsOf(claim.job.jobId);
    expect(rows.map((row) => [row.row_kind, row.cost_nano_usd])).toEqual([
      ['request', 0n],
      ['attempt', COST],
    ]);
  });

  it('leaves alone what is done, in flight again, or not there', async () => {
    const promptHash = randomUUID();
    const failed = await ledger.worker.take(await ledger.admit({ promptHash }));
    await ledger.worker.fail(failed, { action: 'never' });
    const inFlight = await ledger.admit({ promptHash });
    const done = await ledger.worker.take(await ledger.admit());
    await ledger.worker.answer(done);
    const outcomes = await retryJobs(ledger.database, [failed.jobId, done.jobId, randomUUID()]);
    expect(outcomes.map((one) => one.outcome)).toEqual(['in_flight', 'not_failed', 'unknown']);
    await cancel(ledger.database, jobOf(inFlight), null);
  });
});
