import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { listBudgets, raiseBudgetAlerts, followCategoryLimits, setBudget, unparkJobs, type BudgetSetting } from './budgets.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import { sweepRunning, sweepWorkers } from './sweep.ts';
import { COST, createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

/** The most a call of the first candidate can cost; what an answer does cost is COST. */
const MOST = 5_000_000n;
/** The next candidate is dearer. */
const MOST_ELSEWHERE = 6_000_000n;

describe('budgets', () => {
  let ledger: TestLedger;
  beforeAll(async () => {
    ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  });
  afterAll(() => ledger.close());
  beforeEach(async () => {
    await ledger.query('delete from ai_budget');
    await ledger.query('delete from ai_budget_hold');
  });

  const set = (changes: Partial<BudgetSetting> = {}) =>
    setBudget(ledger.database, {
      simulated: true,
      scope: 'caller',
      subject: 'test',
      period: 'day',
      limitNanoUsd: MOST,
      onExceed: 'refuse',
      alertPercents: [],
      actor: 'test',
      ...changes,
    });
  const budget = async (scope = 'caller') => (await listBudgets(ledger.database)).find((found) => found.scope === scope && found.simulated);
  const stateOf = async (jobId: string) =>
    (
      await ledger.query<{ state: string; error_code: string | null; provider: string; leader_id: string | null }>(
        'select state, error_code, provider, leader_id from ai_job where id = $1',
        [jobId],
      )
    )[0];
  const aCaller = () => `caller-${randomUUID()}`;

  it('hold the most a call can cost while it is made, and count what it did cost, also when that is corrected', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: 2n * MOST });
    const job = await ledger.worker.take(await ledger.admit({ caller }));
    expect(await budget()).toMatchObject({ heldNanoUsd: MOST, spentNanoUsd: 0n });
    await ledger.worker.answer(job);
    expect(await budget()).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: COST });
    await ledger.query('select ai_correct_cost($1, $2, $3)', [job.attemptId, String(COST), { cost_nano_usd: '42' }]);
    expect(await budget()).toMatchObject({ spentNanoUsd: 42n });
    await ledger.assertSound();
  });

  it('give back what a failed call held, keep what an unknown one may have cost, and count it when the bill comes', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: 3n * MOST });
    const unbilled = await ledger.worker.take(await ledger.admit({ caller }));
    await ledger.worker.fail(unbilled, { action: 'never' });
    expect(await budget()).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: 0n });
    const doubtful = await ledger.worker.take(await ledger.admit({ caller }));
    await ledger.worker.fail(doubtful, { action: 'never', charged: 'unknown' });
    expect(await budget()).toMatchObject({ heldNanoUsd: MOST, spentNanoUsd: 0n });
    await ledger.query(`select ai_resolve_unknown($1, 'billed', jsonb_build_object('cost_nano_usd', 7))`, [doubtful.attemptId]);
    expect(await budget()).toMatchObject({ heldNanoUsd: 0n, spentNanoUsd: 7n });
  });

  it('wait for what is held rather than refuse, and refuse when the rest is too little', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST + COST });
    const first = await ledger.worker.take(await ledger.admit({ caller }));
    const second = await ledger.admit({ caller });
    const waiting = await ledger.worker.claim(dispatchOf(second));
    expect(waiting.outcome).toBe('refused');
    const [again] = waiting.next;
    expect(again?.delayMs).toBeGreaterThan(0);
    expect(await stateOf(jobOf(second))).toMatchObject({ state: 'queued' });
    await ledger.worker.answer(first);
    await ledger.query('update ai_job set run_after = clock_timestamp() where id = $1', [jobOf(second)]);
    const taken = await ledger.worker.claim({ jobId: jobOf(second), generation: String(again?.generation) });
    expect(taken.outcome).toBe('claimed');
    if (taken.outcome === 'claimed') await ledger.worker.answer(taken.job);
    const third = await ledger.admit({ caller });
    const refused = await ledger.worker.claim(dispatchOf(third));
    expect(refused).toMatchObject({ outcome: 'expired', replyTo: ['inbox'] });
    expect(await stateOf(jobOf(third))).toMatchObject({ state: 'failed', error_code: 'BUDGET_EXCEEDED' });
    await ledger.assertSound();
  });

  it('refuse at the door only what would be new work, once everything is spent', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST });
    const promptHash = randomUUID();
    await ledger.worker.answer(await ledger.worker.take(await ledger.admit({ caller, promptHash })));
    const inFlight = await ledger.admit({ caller: 'another' });
    await set({ subject: caller, limitNanoUsd: COST });
    const requestId = randomUUID();
    const refused = await ledger.admit({ caller, requestId });
    expect(refused).toMatchObject({ outcome: 'refused', message: expect.stringContaining(`daily budget of the key ${caller}`) });
    expect(await ledger.query('select success, error_code, cost_nano_usd from ai_usage_log where id = $1', [requestId])).toEqual([
      { success: false, error_code: 'BUDGET_EXCEEDED', cost_nano_usd: 0n },
    ]);
    expect((await ledger.admit({ caller, promptHash })).outcome).toBe('hit');
    const [{ prompt_hash: flying } = { prompt_hash: '' }] = await ledger.query<{ prompt_hash: string }>(
      'select prompt_hash from ai_job where id = $1',
      [jobOf(inFlight)],
    );
    expect((await ledger.admit({ caller, promptHash: flying })).outcome).toBe('joined');
  });

  it('park instead, until the next period, a higher limit, or a caller who can pay and takes the job over', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST - 1n, onExceed: 'park' });
    const promptHash = randomUUID();
    const admission = await ledger.admit({ caller, promptHash });
    expect((await ledger.worker.claim(dispatchOf(admission))).outcome).toBe('refused');
    expect(await stateOf(jobOf(admission))).toMatchObject({ state: 'parked' });
    expect(await unparkJobs(ledger.database)).toEqual([]);

    const rich = randomUUID();
    expect((await ledger.admit({ caller: 'rich', promptHash, requestId: rich })).outcome).toBe('joined');
    const [dispatch] = await unparkJobs(ledger.database);
    const claim = await ledger.worker.claim({ jobId: jobOf(admission), generation: String(dispatch?.generation) });
    expect(claim.outcome).toBe('claimed');
    expect(await stateOf(jobOf(admission))).toMatchObject({ leader_id: rich });
    if (claim.outcome === 'claimed') await ledger.worker.answer(claim.job);
    const payers = await ledger.query('select caller, cost_nano_usd from ai_usage_log where job_id = $1 order by caller', [
      jobOf(admission),
    ]);
    expect(payers).toEqual([
      { caller, cost_nano_usd: 0n },
      { caller: 'rich', cost_nano_usd: COST },
    ]);
    expect(await budget()).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: 0n });

    const poor = await ledger.admit({ caller });
    await ledger.worker.claim(dispatchOf(poor));
    await set({ subject: caller, limitNanoUsd: MOST, onExceed: 'park' });
    const [back] = await unparkJobs(ledger.database);
    expect(back?.jobId).toBe(jobOf(poor));
    expect((await ledger.worker.claim({ jobId: jobOf(poor), generation: String(back?.generation) })).outcome).toBe('claimed');
    await ledger.assertSound();
  });

  it('begin anew with each period, to which only calls count that began in it', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST });
    const old = await ledger.worker.take(await ledger.admit({ caller }));
    await ledger.query(`update ai_budget set period_start = period_start - interval '1 day', period_end = period_end - interval '1 day'`);
    await ledger.query(`update ai_budget_hold set period_start = period_start - interval '1 day'`);
    await ledger.query(`update ai_attempt set started_at = started_at - interval '1 day' where id = $1`, [old.attemptId]);
    const fresh = await ledger.worker.take(await ledger.admit({ caller }));
    await ledger.worker.answer(old);
    expect(await budget()).toMatchObject({ spentNanoUsd: 0n, heldNanoUsd: MOST });
    await ledger.worker.answer(fresh);
    expect(await budget()).toMatchObject({ spentNanoUsd: COST, heldNanoUsd: 0n });
  });

  it('count what was spent before they were made, and hold for the calls under way', async () => {
    const userId = randomUUID();
    await ledger.worker.answer(await ledger.worker.take(await ledger.admit({ userId })));
    const running = await ledger.worker.take(await ledger.admit({ userId }));
    await set({ scope: 'user', subject: userId, period: 'month', limitNanoUsd: 100n * MOST });
    expect(await budget('user')).toMatchObject({ spentNanoUsd: COST, heldNanoUsd: MOST });
    await ledger.worker.answer(running);
    expect(await budget('user')).toMatchObject({ spentNanoUsd: 2n * COST, heldNanoUsd: 0n });
    await ledger.assertSound();
  });

  it('send a job to a provider whose budget has room, and keep the spent one out of the choice', async () => {
    await set({ scope: 'provider', subject: 'openai', limitNanoUsd: 0n });
    const admission = await ledger.admit();
    const claim = await ledger.worker.claim(dispatchOf(admission));
    expect(claim.next).toMatchObject([{ jobId: jobOf(admission), queue: 'text-claude', delayMs: 0 }]);
    expect(await stateOf(jobOf(admission))).toMatchObject({ state: 'queued', provider: 'claude' });
    const { spentProviders } = await loadCatalogueSnapshot(ledger.database);
    expect({ real: [...spentProviders.real], simulated: [...spentProviders.simulated] }).toEqual({ real: [], simulated: ['openai'] });
  });

  it('hold in all budgets that count a call or in none', async () => {
    const caller = aCaller();
    await set({ scope: 'global', subject: '', limitNanoUsd: 100n * MOST });
    // Calls of other tests may be under way.
    const before = (await budget('global'))?.heldNanoUsd ?? 0n;
    await set({ subject: caller, limitNanoUsd: MOST - 1n });
    const admission = await ledger.admit({ caller });
    expect((await ledger.worker.claim(dispatchOf(admission))).outcome).toBe('expired');
    expect(await budget('global')).toMatchObject({ heldNanoUsd: before });
    await set({ subject: caller, limitNanoUsd: MOST_ELSEWHERE });
    await ledger.worker.take(await ledger.admit({ caller }));
    expect(await budget('global')).toMatchObject({ heldNanoUsd: before + MOST });
    expect(await budget()).toMatchObject({ heldNanoUsd: MOST });
  });

  it('follow the daily limit of a user category', async () => {
    await ledger.query(`insert into ai_user_category_policy (user_category, daily_limit_nano_usd) values ('free', $1)`, [
      String(MOST - 1n),
    ]);
    await followCategoryLimits(ledger.database);
    const admission = await ledger.admit({ userCategory: 'free' });
    expect((await ledger.worker.claim(dispatchOf(admission))).outcome).toBe('expired');
    expect((await ledger.worker.claim(dispatchOf(await ledger.admit()))).outcome).toBe('claimed');
    await ledger.query(`update ai_user_category_policy set daily_limit_nano_usd = null where user_category = 'free'`);
    await followCategoryLimits(ledger.database);
    expect(await listBudgets(ledger.database)).toEqual([]);
  });

  it('count the call of a dead worker as spent until somebody knows better: the rest is refused, not kept waiting', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST });
    const mortal = await ledger.openWorker();
    await mortal.take(await ledger.admit({ caller, cacheMode: 'bypass', shared: false }));
    const other = await ledger.admit({ caller });
    const waiting = await ledger.worker.claim(dispatchOf(other));
    expect(waiting.outcome).toBe('refused');
    await mortal.die();
    await sweepWorkers(ledger.database);
    await sweepRunning(ledger.database);
    await ledger.query('update ai_job set run_after = clock_timestamp() where id = $1', [jobOf(other)]);
    expect((await ledger.worker.claim({ jobId: jobOf(other), generation: String(waiting.next[0]?.generation) })).outcome).toBe('expired');
    expect(await stateOf(jobOf(other))).toMatchObject({ error_code: 'BUDGET_EXCEEDED' });
  });

  it('wait for no reader, such as a backup', async () => {
    const reader = await ledger.database.pool.connect();
    try {
      await reader.query('begin');
      await reader.query('select from ai_budget');
      await set({ subject: aCaller() });
      const claimed = await ledger.worker.claim(dispatchOf(await ledger.admit({ caller: aCaller() })));
      expect(claimed.outcome).toBe('claimed');
    } finally {
      await reader.query('rollback');
      reader.release();
    }
  });

  it('keep their payer in the accounts however many asked before', async () => {
    const poor = aCaller();
    await set({ subject: poor, limitNanoUsd: MOST - 1n, onExceed: 'park' });
    const promptHash = randomUUID();
    const admission = await ledger.admit({ caller: poor, promptHash });
    for (let count = 0; count < 210; count++) await ledger.admit({ caller: poor, promptHash });
    const rich = randomUUID();
    await ledger.admit({ caller: 'rich', promptHash, requestId: rich });
    const job = await ledger.worker.take(admission);
    // Handed back and taken again: the accounts of later attempts are the ones that could count twice.
    const handedBack = await ledger.worker.fail(job, { action: 'later' });
    const again = await ledger.worker.claim({ jobId: job.jobId, generation: String(handedBack.dispatch?.generation) });
    if (again.outcome !== 'claimed') throw new Error(again.outcome);
    expect((await ledger.worker.answer(again.job)).more).toBe(true);
    const payers = await ledger.query('select id, row_kind, cost_nano_usd from ai_usage_log where job_id = $1 and cost_nano_usd > 0', [
      job.jobId,
    ]);
    expect(payers).toEqual([{ id: rich, row_kind: 'request', cost_nano_usd: COST }]);
  });

  it('tell of each threshold once', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: MOST, alertPercents: [30, 10, 90] });
    await ledger.worker.answer(await ledger.worker.take(await ledger.admit({ caller })));
    expect(await raiseBudgetAlerts(ledger.database)).toMatchObject([{ subject: caller, alertedPercent: 30, alertPercents: [10, 30, 90] }]);
    expect(await raiseBudgetAlerts(ledger.database)).toEqual([]);
  });

  it('never let concurrent claims hold more than the limit', async () => {
    const caller = aCaller();
    await set({ subject: caller, limitNanoUsd: 10n * MOST });
    const admissions = await Promise.all(Array.from({ length: 60 }, () => ledger.admit({ caller })));
    const others = await Promise.all([ledger.openWorker(), ledger.openWorker()]);
    const workers = [ledger.worker, ...others];
    const claims = await Promise.all(
      admissions.map((admission, index) => (workers[index % workers.length] ?? ledger.worker).claim(dispatchOf(admission))),
    );
    expect(claims.filter((claim) => claim.outcome === 'claimed')).toHaveLength(10);
    expect(claims.filter((claim) => claim.outcome === 'refused' && claim.next.length > 0)).toHaveLength(50);
    expect(await budget()).toMatchObject({ heldNanoUsd: 10n * MOST });
  });

  it('are refused when they make no sense', async () => {
    await expect(set({ scope: 'global', subject: 'x' })).rejects.toThrow('no subject');
    await expect(set({ subject: '' })).rejects.toThrow('names its subject');
    await expect(set({ limitNanoUsd: -1n })).rejects.toThrow('not negative');
    await expect(set({ alertPercents: [0] })).rejects.toThrow('percentage');
  });
});
