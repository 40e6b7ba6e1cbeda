import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Admission } from './admission.ts';
import { fillWindows, listOverdue, redispatch } from './sweep.ts';
import { COST, createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
afterEach(() => ledger.assertSound());

interface JobRow {
  readonly state: string;
  readonly candidate: number;
  readonly provider: string;
  readonly model: string;
  readonly queue: string;
  readonly attempts: number;
  readonly candidate_attempts: number;
  readonly generation: string;
  readonly wait_s: number;
}

async function jobRow(jobId: string): Promise<JobRow> {
  const [row] = await ledger.query<JobRow>(
    `select state, candidate, provider, model, queue, attempts, candidate_attempts, generation::text as generation,
       extract(epoch from run_after - clock_timestamp())::float8 as wait_s
     from ai_job where id = $1`,
    [jobId],
  );
  if (row === undefined) throw new Error('there is no such job');
  return row;
}

describe('a failed attempt', () => {
  it('that is tried later keeps its candidate, waits, and has a new generation', async () => {
    const admission = await ledger.admit();
    const job = await ledger.worker.take(admission);
    const failure = await ledger.worker.fail(job, { action: 'later', delayMs: 30_000 });
    expect(failure).toMatchObject({ outcome: 'queued', dispatch: { queue: 'text-openai' } });
    const row = await jobRow(job.jobId);
    expect(row).toMatchObject({ state: 'queued', candidate: 0, model: 'first', attempts: 1, candidate_attempts: 1 });
    expect(row.wait_s).toBeGreaterThan(25);
    expect(failure.dispatch?.delayMs).toBeGreaterThan(25_000);
    expect(Number(row.generation)).toBeGreaterThan(Number(dispatchOf(admission).generation));
    expect(failure.dispatch?.generation).toBe(row.generation);
    expect(await ledger.rowsOf(job.jobId)).toEqual([]);

    const early = await ledger.worker.claim(failure.dispatch ?? dispatchOf(admission));
    expect(early.outcome).toBe('early');
    if (early.outcome === 'early') expect(early.waitMs).toBeGreaterThan(25_000);
    expect((await ledger.worker.claim(dispatchOf(admission))).outcome).toBe('refused');
    expect((await jobRow(job.jobId)).state).toBe('queued');
  });

  it('that goes elsewhere takes the next candidate at once; one that was billed has a row of its own beside the request', async () => {
    const requestId = randomUUID();
    const job = await ledger.worker.take(await ledger.admit({ requestId }));
    const failure = await ledger.worker.fail(job, {
      action: 'elsewhere',
      charged: 'yes',
      costNanoUsd: 700n,
      errorCode: 'PROVIDER_BAD_ANSWER',
    });
    expect(failure.dispatch).toMatchObject({ queue: 'text-claude', delayMs: 0 });
    const row = await jobRow(job.jobId);
    expect(row).toMatchObject({
      candidate: 1,
      provider: 'claude',
      model: 'second',
      queue: 'text-claude',
      attempts: 1,
      candidate_attempts: 0,
    });
    const claim = await ledger.worker.claim(failure.dispatch ?? { jobId: '', generation: '' });
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
    expect(claim.job).toMatchObject({ provider: 'claude', model: 'second', attempts: 2, candidateAttempts: 1 });
    await ledger.worker.answer(claim.job);
    const rows = await ledger.rowsOf(job.jobId);
    expect(rows.map((one) => [one.id, one.row_kind, one.cost_nano_usd])).toEqual([
      [requestId, 'request', COST],
      [job.attemptId, 'attempt', 700n],
    ]);
  });

  it('that was handed back counts for nothing and may run again at once', async () => {
    const job = await ledger.worker.take(await ledger.admit());
    const failure = await ledger.worker.fail(job, { action: 'hand_back', charged: 'no' });
    expect(failure.dispatch?.delayMs).toBe(0);
    expect(await jobRow(job.jobId)).toMatchObject({ state: 'queued', candidate: 0, attempts: 0, candidate_attempts: 0 });
    const claim = await ledger.worker.claim(failure.dispatch ?? { jobId: '', generation: '' });
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
    await ledger.worker.answer(claim.job);
    expect((await ledger.rowsOf(job.jobId)).map((row) => row.cost_nano_usd)).toEqual([COST]);
  });

  it('that would only repeat itself answers the same key for its seconds, at no cost, and not a moment longer', async () => {
    const promptHash = randomUUID();
    const job = await ledger.worker.take(await ledger.admit({ promptHash }));
    const failure = await ledger.worker.fail(job, { action: 'never', answersForS: 60, errorCode: 'PROVIDER_REFUSED' });
    expect(failure).toMatchObject({ outcome: 'failed', dispatch: null, replyTo: ['inbox'] });
    const requestId = randomUUID();
    for (let repeated = 0; repeated < 2; repeated++) {
      expect(await ledger.admit({ promptHash, requestId })).toMatchObject({
        outcome: 'failed',
        jobId: job.jobId,
        errorCode: 'PROVIDER_REFUSED',
      });
    }
    expect((await ledger.rowsOf(job.jobId)).map((row) => [row.success, row.cost_nano_usd, row.error_code])).toEqual([
      [false, 0n, 'PROVIDER_REFUSED'],
      [false, 0n, 'PROVIDER_REFUSED'],
    ]);
    expect((await ledger.admit({ promptHash, cacheMode: 'bypass', shared: false })).outcome).toBe('created');
    await ledger.query(`update ai_job set answers_until = clock_timestamp() where id = $1`, [job.jobId]);
    expect((await ledger.admit({ promptHash })).outcome).toBe('created');
  });

  it('of a job that nobody shares answers nobody else', async () => {
    const promptHash = randomUUID();
    const job = await ledger.worker.take(await ledger.admit({ promptHash, shared: false, cacheMode: 'bypass' }));
    await ledger.worker.fail(job, { action: 'never', answersForS: 60 });
    expect((await ledger.admit({ promptHash })).outcome).toBe('created');
  });
});

describe('the dispatch window', () => {
  it('lets 10 of 30 jobs into the queue; each claim lets the next one in, and the sweeper mends a claim that did not', async () => {
    const caller = 'crowd';
    const admissions: Admission[] = [];
    for (let n = 0; n < 30; n++) admissions.push(await ledger.admit({ caller, dispatchWindow: 10 }));
    const waiting = async () =>
      Number(
        (
          await ledger.query<{ n: bigint }>(
            `select count(*) as n from ai_job where caller = $1 and state = 'queued' and dispatched_at is null`,
            [caller],
          )
        )[0]?.n,
      );
    const inQueue = admissions.filter((one) => one.outcome === 'created' && one.dispatch !== null).map(dispatchOf);
    expect(inQueue.map((one) => one.jobId)).toEqual(admissions.slice(0, 10).map(jobOf));
    expect(await waiting()).toBe(20);
    expect(await fillWindows(ledger.database, 10)).toEqual([]);

    // The first claim's follow-up is lost: as if its worker had died right after.
    const order: string[] = [];
    for (const [n, entry] of [...inQueue.entries()].slice(0, 5)) {
      const claim = await ledger.worker.claim(entry);
      if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
      await ledger.worker.answer(claim.job);
      expect(claim.next).toHaveLength(1);
      if (n > 0) order.push(...claim.next.map((one) => one.jobId));
    }
    expect(order).toEqual(admissions.slice(11, 15).map(jobOf));
    expect(await waiting()).toBe(15);
    await ledger.query(`update ai_job set dispatched_at = null where id = $1`, [
      jobOf(admissions[10] ?? { outcome: 'hit', memoryId: '', at: new Date() }),
    ]);
    const mended = await fillWindows(ledger.database, 10);
    expect(mended.map((one) => one.jobId)).toEqual([admissions[10]].map((one) => one && jobOf(one)));
    expect(await fillWindows(ledger.database, 10)).toEqual([]);

    // Another caller is not held up by the crowd.
    expect(dispatchOf(await ledger.admit({ caller: 'quiet', dispatchWindow: 10 })).jobId).toBeTruthy();
  });

  it('dispatches what the queue has lost under a new generation; the lost entry is stale should it turn up', async () => {
    const admission = await ledger.admit({ caller: 'unlucky' });
    const entry = dispatchOf(admission);
    await ledger.query(
      `update ai_job set dispatched_at = dispatched_at - interval '1 minute', run_after = run_after - interval '1 minute' where id = $1`,
      [entry.jobId],
    );
    const overdue = await listOverdue(ledger.database, 5_000);
    expect(overdue.map((one) => one.jobId)).toContain(entry.jobId);
    const [again] = await redispatch(ledger.database, [entry]);
    expect(again?.generation).not.toBe(entry.generation);
    expect(await redispatch(ledger.database, [entry])).toEqual([]);
    expect((await ledger.worker.claim(entry)).outcome).toBe('refused');
    expect((await ledger.worker.claim(again ?? entry)).outcome).toBe('claimed');
  });
});

describe('deadlines', () => {
  const expire = (jobId: string) =>
    ledger.query(`update ai_job_caller set deadline = clock_timestamp() - interval '1 second' where job_id = $1 and deadline is not null`, [
      jobId,
    ]);

  it('that have all passed fail the job without a call', async () => {
    const promptHash = randomUUID();
    const admission = await ledger.admit({ promptHash, deadlineMs: 60_000 });
    await ledger.admit({ promptHash, deadlineMs: 60_000 });
    await expire(jobOf(admission));
    expect(await ledger.worker.claim(dispatchOf(admission))).toMatchObject({ outcome: 'expired', replyTo: ['inbox'] });
    const rows = await ledger.rowsOf(jobOf(admission));
    expect(rows.map((row) => [row.success, row.cost_nano_usd, row.error_code])).toEqual([
      [false, 0n, 'RESULT_NOT_READY'],
      [false, 0n, 'RESULT_NOT_READY'],
    ]);
    expect(await ledger.query('select from ai_attempt where job_id = $1', [jobOf(admission)])).toEqual([]);
  });

  it('hold no longer than the most patient caller', async () => {
    const promptHash = randomUUID();
    const admission = await ledger.admit({ promptHash, deadlineMs: 60_000 });
    await expire(jobOf(admission));
    await ledger.admit({ promptHash, deadlineMs: 3_600_000 });
    const job = await ledger.worker.take(admission);
    expect(job.deadline?.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
    await ledger.worker.answer(job);
  });
});
