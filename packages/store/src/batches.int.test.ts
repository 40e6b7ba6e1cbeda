import { randomUUID } from 'node:crypto';
import { NO_USAGE, type Candidate } from '@ai-core/core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AdmissionRequest } from './admission.ts';
import { promoteJob } from './admission.ts';
import { listBatchLines, returnBatch, settleBatched, type BatchLine } from './batch-lines.ts';
import { finishBatch, handOverBatch, putBatch, takeBatch } from './batches.ts';
import { setBudget } from './budgets.ts';
import { cancel } from './cancel.ts';
import { closeBatch, leaveBatchLane, listCollected } from './collect-batches.ts';
import { toSettleJson } from './settle.ts';
import { createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

const PRICE_ID = '018f0000-0000-7000-8000-000000000001';
const MOST = 5_000_000n;
const HOLD_MS = 60_000;

/** Each test has a model of its own, so that none collects another one's jobs. */
function chainOf(model: string): Candidate[] {
  const batch = { basis_points: 5_000, bytes: 1_000 };
  return [{ provider: 'openai', model, queue: `text-${model}`, max_cost_nano_usd: String(MOST), price_id: PRICE_ID, batch }];
}

describe('the batch lane of the ledger', () => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  });
  afterAll(() => ledger.close());

  const admit = (model: string, changes: Partial<AdmissionRequest> = {}) =>
    ledger.admit({ lane: 'batch', candidates: chainOf(model), caller: model, ...changes });

  const stateOf = async (jobId: string): Promise<string | undefined> =>
    (await ledger.query<{ state: string }>('select state from ai_job where id = $1', [jobId]))[0]?.state;

  async function close(model: string, limits = { requests: 100, bytes: 1_000_000 }) {
    const [collected] = await listCollected(ledger.database, [`text-${model}`]);
    if (collected === undefined) throw new Error('nothing is collected');
    return closeBatch(ledger.database, ledger.worker.id(), { collected, limits });
  }

  async function take(model: string) {
    const batch = await takeBatch(ledger.database, ledger.worker.id(), { queues: [`text-${model}`], holdMs: HOLD_MS });
    if (batch === null) throw new Error('no batch is due');
    return batch;
  }

  const settle = (batchId: string, { jobId, fence, attemptId }: BatchLine, model: string) =>
    settleBatched(ledger.database, { batchId, workerId: ledger.worker.id() }, [
      toSettleJson({
        jobId,
        fence,
        attemptId,
        usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 10, batch: true },
        rawUsage: null,
        costNanoUsd: 500n,
        realtimeNanoUsd: 1_000n,
        priceId: PRICE_ID,
        billedModel: model,
        providerRequestId: null,
        remember: true,
        promptText: 'a question',
        text: 'an answer',
        audio: null,
        latencyMs: 5,
        ignoredOptions: [],
      }),
    ]);

  it('collects a job that may wait, and queues one whose time is too short for a batch', async () => {
    const patient = await admit('collects');
    expect(patient).toMatchObject({ outcome: 'created', dispatch: null });
    expect(await stateOf(jobOf(patient))).toBe('batched');
    const short = await admit('collects', { deadlineMs: 30_000 });
    expect(short).toMatchObject({ outcome: 'created', dispatch: { queue: 'text-collects' } });
    const [collected] = await listCollected(ledger.database, ['text-collects']);
    expect(collected).toMatchObject({ model: 'collects', requests: 1, bytes: 1_000 });
  });

  it('closes no more than the limits allow, and leaves the rest for the next batch', async () => {
    for (let n = 0; n < 5; n++) await admit('limits');
    expect(await close('limits', { requests: 10, bytes: 2_500 })).toMatchObject({ requests: 2 });
    expect(await close('limits', { requests: 1, bytes: 10_000 })).toMatchObject({ requests: 1 });
    expect(await listCollected(ledger.database, ['text-limits'])).toMatchObject([{ requests: 2 }]);
  });

  it('holds half the price in budgets, and leaves what they have no room for collected', async () => {
    const budget = { simulated: true, scope: 'caller' as const, subject: 'budget', period: 'day' as const, onExceed: 'refuse' as const };
    await setBudget(ledger.database, { ...budget, limitNanoUsd: MOST, alertPercents: [], actor: 'test' });
    for (let n = 0; n < 3; n++) await admit('budget');
    const { batchId, requests } = await close('budget');
    expect(requests).toBe(2);
    expect(await listCollected(ledger.database, ['text-budget'])).toMatchObject([{ requests: 1 }]);
    await take('budget');
    for (const line of await listBatchLines(ledger.database, batchId)) await settle(batchId, line, 'budget');
    const [after] = await ledger.query<{ spent: bigint; held: bigint }>(
      `select spent_nano_usd as spent, held_nano_usd as held from ai_budget where subject = 'budget'`,
    );
    expect(after).toEqual({ spent: 1_000n, held: 0n });
    expect(await close('budget')).toMatchObject({ requests: 1 });
  });

  it('settles a line once, with its full price beside it, however often it comes', async () => {
    const admission = await admit('once');
    const { batchId } = await close('once');
    await take('once');
    const [line] = await listBatchLines(ledger.database, batchId);
    if (line === undefined) throw new Error('the batch is empty');
    expect(await settle(batchId, line, 'once')).toMatchObject([{ outcome: 'done' }]);
    expect(await settle(batchId, line, 'once')).toMatchObject([{ outcome: 'late' }]);
    expect(await ledger.rowsOf(jobOf(admission))).toMatchObject([{ source: 'batch', cost_nano_usd: 500n, saved_nano_usd: 500n }]);
    await finishBatch(ledger.database, batchId, { ending: 'complete' });
    await ledger.assertSound();
  });

  it.for(['promotes', 'leaves'] as const)(
    'accounts for the line of a job that %s the lane before it comes, and refuses it',
    async (how) => {
      const admission = await admit(how);
      const jobId = jobOf(admission);
      const { batchId } = await close(how);
      await take(how);
      if (how === 'leaves') await ledger.query(`update ai_job set run_after = clock_timestamp() where id = $1`, [jobId]);
      const dispatches =
        how === 'leaves'
          ? await leaveBatchLane(ledger.database)
          : await promoteJob(ledger.database, jobId, { priority: 0, lane: 'interactive' });
      expect(dispatches).toMatchObject([{ jobId }]);
      const [line] = await listBatchLines(ledger.database, batchId);
      if (line === undefined) throw new Error('the batch is empty');
      expect(await settle(batchId, line, how)).toMatchObject([{ outcome: 'late' }]);
      expect(await stateOf(jobId)).toBe('queued');
      expect(await ledger.rowsOf(jobId)).toMatchObject([{ row_kind: 'attempt', source: 'late', cost_nano_usd: 500n }]);
      await finishBatch(ledger.database, batchId, { ending: 'complete' });
      await ledger.assertSound();
    },
  );

  it('lets a later caller with less time shorten the wait of all', async () => {
    const promptHash = randomUUID();
    const first = await admit('hurries', { promptHash });
    const second = await admit('hurries', { promptHash, deadlineMs: 3_600_000 });
    expect(second).toMatchObject({ outcome: 'joined', promote: true });
    expect(await promoteJob(ledger.database, jobOf(first), { priority: 0, lane: 'batch' })).toEqual([]);
    const [job] = await ledger.query<{ minutes: number }>(
      `select round(extract(epoch from run_after - created_at) / 60)::float8 as minutes from ai_job where id = $1`,
      [jobOf(first)],
    );
    expect(job?.minutes).toBe(54);
  });

  it('hands nothing over for jobs that have left, nor by a worker that does not hold the batch', async () => {
    const kept = await admit('hands-over');
    const left = await admit('hands-over');
    const { batchId } = await close('hands-over');
    expect(await handOverBatch(ledger.database, batchId, ledger.worker.id())).toBeNull();
    await take('hands-over');
    await cancel(ledger.database, jobOf(left), null);
    expect(await handOverBatch(ledger.database, batchId, ledger.worker.id())).toBe(1);
    const lines = await listBatchLines(ledger.database, batchId);
    expect(lines.filter(({ sent }) => sent).map(({ jobId }) => jobId)).toEqual([jobOf(kept)]);
    expect(await handOverBatch(ledger.database, batchId, randomUUID())).toBeNull();
  });

  it('gives back what a batch has not answered: nothing is charged, and each job goes on by itself', async () => {
    const jobs = [jobOf(await admit('returns')), jobOf(await admit('returns'))];
    const { batchId } = await close('returns');
    await take('returns');
    const { lines, dispatches } = await returnBatch(ledger.database, batchId, { charged: 'no', limit: 100 });
    expect(lines).toBe(2);
    expect(dispatches.map(({ jobId }) => jobId).toSorted()).toEqual(jobs.toSorted());
    const attempts = await ledger.query<{ state: string; cost: bigint }>(
      'select state, cost_nano_usd as cost from ai_attempt where batch_id = $1',
      [batchId],
    );
    expect(attempts).toEqual([
      { state: 'not_billed', cost: 0n },
      { state: 'not_billed', cost: 0n },
    ]);
    await finishBatch(ledger.database, batchId, { ending: 'expired' });
    await ledger.assertSound();
  });

  it('is one worker’s until it is let go, and another one’s when that worker dies', async () => {
    await admit('dies');
    const { batchId } = await close('dies');
    const mortal = await ledger.openWorker();
    const other = { queues: ['text-dies'], holdMs: HOLD_MS };
    expect(await takeBatch(ledger.database, mortal.id(), other)).toMatchObject({ id: batchId, handedOverAt: null });
    expect(await takeBatch(ledger.database, ledger.worker.id(), other)).toBeNull();
    expect(await handOverBatch(ledger.database, batchId, mortal.id())).toBe(1);
    await ledger.query('update ai_worker set dead_at = clock_timestamp() where id = $1', [mortal.id()]);
    const taken = await takeBatch(ledger.database, ledger.worker.id(), other);
    expect(taken).toMatchObject({ id: batchId, providerBatchId: null, waiting: 1 });
    expect(taken?.handedOverAt).toBeInstanceOf(Date);
    expect(await putBatch(ledger.database, { batchId, workerId: mortal.id() }, { nextMs: 0, providerBatchId: 'late' })).toBe(false);
  });
});
