import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { cancel } from './cancel.ts';
import { listUnknownAttempts, resolveUnknownAttempt, type Resolution } from './reconcile.ts';
import { findResults } from './results.ts';
import { accountCallers } from './settle.ts';
import { accountUnknown, completeCallers, sweepRunning } from './sweep.ts';
import { COST, createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
/** Whatever a test did, the ledger is without a gap afterwards, and the days equal it. */
afterEach(() => ledger.assertSound());

const attemptState = async (id: string) =>
  (await ledger.query<{ state: string }>('select state from ai_attempt where id = $1', [id]))[0]?.state;

describe('callers of one job', () => {
  it('share one call: each has one row, the first pays, the others save what it cost', async () => {
    const promptHash = randomUUID();
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    const admission = await ledger.admit({ promptHash, requestId: first });
    const joined = [
      await ledger.admit({ promptHash, requestId: second }),
      await ledger.admit({ promptHash, requestId: third, caller: 'b' }),
    ];
    expect(joined.map((one) => one.outcome)).toEqual(['joined', 'joined']);
    expect(joined.map(jobOf)).toEqual([jobOf(admission), jobOf(admission)]);

    const job = await ledger.worker.take(admission);
    expect(await ledger.worker.answer(job)).toEqual({ outcome: 'done', replyTo: ['inbox'], more: false });
    const rows = await ledger.rowsOf(job.jobId);
    expect(
      rows.map(({ id, row_kind, source, cost_nano_usd, saved_nano_usd }) => [id, row_kind, source, cost_nano_usd, saved_nano_usd]),
    ).toEqual([
      [first, 'request', 'provider', COST, 0n],
      [second, 'request', 'in_flight', 0n, COST],
      [third, 'request', 'in_flight', 0n, COST],
    ]);
    const results = await findResults(ledger.database, [
      { jobId: job.jobId, requestId: first },
      { jobId: job.jobId, requestId: second },
    ]);
    expect(results.get(first)).toMatchObject({ source: 'provider', text: 'an answer', costNanoUsd: COST, savedNanoUsd: 0n });
    expect(results.get(second)).toMatchObject({ source: 'in_flight', text: 'an answer', costNanoUsd: 0n, savedNanoUsd: COST });
    expect((await ledger.admit({ promptHash })).outcome).toBe('hit');
  });

  it('changes nothing when an admission is repeated with the same request id', async () => {
    const requestId = randomUUID();
    const promptHash = randomUUID();
    const admission = await ledger.admit({ promptHash, requestId });
    expect(await ledger.admit({ promptHash, requestId })).toMatchObject({ outcome: 'joined', jobId: jobOf(admission) });
    const job = await ledger.worker.take(admission);
    await ledger.worker.answer(job);
    expect((await ledger.rowsOf(job.jobId)).map((row) => row.id)).toEqual([requestId]);
  });

  it('changes nothing when an answer is settled twice', async () => {
    const job = await ledger.worker.take(await ledger.admit());
    await ledger.worker.answer(job);
    const before = await ledger.rowsOf(job.jobId);
    expect((await ledger.worker.answer(job, { text: 'another' })).outcome).toBe('late');
    expect(await ledger.rowsOf(job.jobId)).toEqual(before);
    expect(await attemptState(job.attemptId)).toBe('billed');
  });

  it('are all accounted for when there are more than 200: the first in the settle, the rest after it or by the sweeper', async () => {
    const sweep = async (): Promise<void> => {
      await ledger.age(6);
      while ((await completeCallers(ledger.database)) > 0);
    };
    for (const finish of [accountCallers, sweep]) {
      const promptHash = randomUUID();
      const admission = await ledger.admit({ promptHash });
      // One that left has its row already and must not hide those beyond the first 200.
      const left = randomUUID();
      await ledger.admit({ promptHash, requestId: left });
      await cancel(ledger.database, jobOf(admission), left);
      const joined = await Promise.all(Array.from({ length: 1_249 }, () => ledger.admit({ promptHash })));
      expect(new Set(joined.map((one) => one.outcome))).toEqual(new Set(['joined']));
      const job = await ledger.worker.take(admission);
      expect(await ledger.worker.answer(job)).toMatchObject({ outcome: 'done', more: true });
      await finish(ledger.database, job.jobId);
      const rows = await ledger.rowsOf(job.jobId);
      expect(rows).toHaveLength(1_251);
      expect(rows.filter((row) => row.cost_nano_usd === COST)).toHaveLength(1);
      expect(rows.filter((row) => row.saved_nano_usd === COST)).toHaveLength(1_249);
    }
  }, 60_000);
});

describe('the death of a worker', () => {
  it('takes none of the tries a model has: a job once failed at its first cut answer, after three kills', async () => {
    const doomed = await ledger.openWorker();
    const job = await doomed.take(await ledger.admit({ requestId: randomUUID() }));
    expect(job).toMatchObject({ candidateAttempts: 1, crashCount: 0 });
    await doomed.die();
    expect((await doomed.claim({ jobId: job.jobId, generation: '1' })).outcome).toBe('dead');
    const [dispatch] = await sweepRunning(ledger.database);
    const again = await ledger.worker.claim(dispatch ?? { jobId: '', generation: '' });
    expect(again).toMatchObject({ outcome: 'claimed', job: { candidateAttempts: 1, crashCount: 1, attempts: 2 } });
    if (again.outcome === 'claimed') await ledger.worker.answer(again.job);
    expect((await doomed.answer(job)).outcome).toBe('late');
  });
});

describe('an answer that comes too late', () => {
  it('is refused by the fence after a sweep, and accounted for with its cost beside the answer that counts', async () => {
    const doomed = await ledger.openWorker();
    const requestId = randomUUID();
    const job = await doomed.take(await ledger.admit({ requestId }));
    await doomed.die();
    expect((await doomed.claim({ jobId: job.jobId, generation: '1' })).outcome).toBe('dead');
    const [dispatch] = await sweepRunning(ledger.database);
    expect(dispatch?.jobId).toBe(job.jobId);
    expect(await attemptState(job.attemptId)).toBe('unknown');

    const again = await ledger.worker.claim(dispatch ?? { jobId: '', generation: '' });
    if (again.outcome !== 'claimed') throw new Error(again.outcome);
    expect(again.job).toMatchObject({ crashCount: 1, attempts: 2 });
    // The attempt is unknown by now; its late answer settles it all the same.
    expect((await doomed.answer(job, { text: 'late' })).outcome).toBe('late');
    await ledger.worker.answer(again.job, { text: 'in time' });
    const rows = await ledger.rowsOf(job.jobId);
    expect(rows.map(({ id, row_kind, source, cost_nano_usd }) => [id, row_kind, source, cost_nano_usd])).toEqual([
      [requestId, 'request', 'provider', COST],
      [job.attemptId, 'attempt', 'late', COST],
    ]);
    expect(await attemptState(job.attemptId)).toBe('late');
    const results = await findResults(ledger.database, [{ jobId: job.jobId, requestId }]);
    expect(results.get(requestId)?.text).toBe('in time');
    expect((await doomed.answer(job)).outcome).toBe('late');
    expect(await ledger.rowsOf(job.jobId)).toHaveLength(2);
  });

  it('becomes a correction when its attempt had been accounted for as unknown', async () => {
    const { job, worker } = await loseAnAttempt();
    await accountUnknown(ledger.database, 0);
    expect((await worker.answer(job)).outcome).toBe('late');
    const rows = (await ledger.rowsOf(job.jobId)).filter((row) => row.row_kind !== 'request');
    expect(rows.map((row) => [row.row_kind, row.cost_nano_usd])).toEqual([
      ['attempt', null],
      ['correction', COST],
    ]);
  });
});

/** A worker dies with a call under way; another one answers the job. */
async function loseAnAttempt() {
  const worker = await ledger.openWorker();
  const job = await worker.take(await ledger.admit());
  await worker.die();
  const [dispatch] = await sweepRunning(ledger.database);
  const again = await ledger.worker.claim(dispatch ?? { jobId: '', generation: '' });
  if (again.outcome === 'claimed') await ledger.worker.answer(again.job);
  return { worker, job };
}

describe('an attempt whose outcome nobody saw', () => {
  const resolution = (attemptId: string, state: Resolution['state']): Resolution => ({
    attemptId,
    state,
    usage: null,
    costNanoUsd: state === 'billed' ? COST : 0n,
    priceId: null,
    billedModel: null,
    providerRequestId: null,
    settledBy: 'bill',
  });

  it.each([
    ['billed', COST],
    ['not_billed', 0n],
  ] as const)('has a row without a cost after the grace; settled as %s it gets a correction of %s on the same day', async (state, cost) => {
    const { job } = await loseAnAttempt();
    expect(await accountUnknown(ledger.database, 60_000)).toBe(0);
    expect(await accountUnknown(ledger.database, 0)).toBe(1);
    expect(await accountUnknown(ledger.database, 0)).toBe(0);
    expect((await listUnknownAttempts(ledger.database, true)).map((attempt) => attempt.id)).toEqual([job.attemptId]);
    const accounted = (await ledger.rowsOf(job.jobId)).find((row) => row.row_kind === 'attempt');
    expect(accounted).toMatchObject({ id: job.attemptId, source: 'unknown', cost_nano_usd: null });
    // The days between the call and the bill must not matter.
    expect(await resolveUnknownAttempt(ledger.database, resolution(job.attemptId, state))).toBe(true);
    expect(await resolveUnknownAttempt(ledger.database, resolution(job.attemptId, state))).toBe(false);
    const corrections = (await ledger.rowsOf(job.jobId)).filter((row) => row.row_kind === 'correction');
    expect(corrections).toHaveLength(1);
    expect(corrections[0]).toMatchObject({ corrects_id: job.attemptId, cost_nano_usd: cost, at: accounted?.at });
    expect(await listUnknownAttempts(ledger.database, true)).toEqual([]);
  });

  it('has one plain row when the bill settles it before the grace is over, and none when it was not billed', async () => {
    const { job: billed } = await loseAnAttempt();
    const { job: free } = await loseAnAttempt();
    await resolveUnknownAttempt(ledger.database, resolution(billed.attemptId, 'billed'));
    await resolveUnknownAttempt(ledger.database, resolution(free.attemptId, 'not_billed'));
    expect(await accountUnknown(ledger.database, 0)).toBe(0);
    const extra = async (jobId: string) => (await ledger.rowsOf(jobId)).filter((row) => row.row_kind !== 'request');
    expect((await extra(billed.jobId)).map((row) => [row.row_kind, row.source, row.cost_nano_usd])).toEqual([['attempt', 'unknown', COST]]);
    expect(await extra(free.jobId)).toEqual([]);
  });
});
