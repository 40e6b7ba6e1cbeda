/** The circuit that a fleet shares: when it opens, where jobs go meanwhile, and how one probe closes it again. */
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Candidate } from '@ai-core/core';
import type { Claim } from './claim.ts';
import { setMostAtOnce } from './most-at-once.ts';
import { createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

const ALONE: readonly Candidate[] = [
  { provider: 'openai', model: 'first', queue: 'text-openai', max_cost_nano_usd: '5000000', price_id: null },
];
const FAILURES_THAT_OPEN = 5;

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterEach(() => ledger.close());

async function circuit(): Promise<{ circuit: string; failures: number; wait_s: number | null } | undefined> {
  const [row] = await ledger.query<{ circuit: string; failures: number; wait_s: number | null }>(
    `select circuit, failures, extract(epoch from open_until - clock_timestamp())::float8 as wait_s from ai_provider_health where provider = 'openai'`,
  );
  return row;
}

async function fail(health: 'unwell' | 'broken', errorCode: string): Promise<boolean> {
  const job = await ledger.worker.take(await ledger.admit());
  return (await ledger.worker.fail(job, { action: 'never', health, errorCode })).circuitOpened;
}

async function open(): Promise<void> {
  for (let n = 0; n < FAILURES_THAT_OPEN; n++) await fail('unwell', 'PROVIDER_TIMEOUT');
}

/** Lets the time pass for which the circuit stays open, or a probe may take. */
async function waitOut(): Promise<void> {
  await ledger.query(
    `update ai_provider_health set open_until = clock_timestamp() - interval '1 second', probe_until = clock_timestamp() - interval '1 second'`,
  );
}

async function stateOf(jobId: string): Promise<unknown> {
  const [row] = await ledger.query(
    'select state, provider, attempts, error_code, extract(epoch from run_after - clock_timestamp())::float8 as wait_s from ai_job where id = $1',
    [jobId],
  );
  return row;
}

async function claimNew(changes?: { candidates: readonly Candidate[] }): Promise<{ jobId: string; claim: Claim }> {
  const admission = await ledger.admit(changes);
  return { jobId: jobOf(admission), claim: await ledger.worker.claim(dispatchOf(admission)) };
}

describe('what a provider allows at once', () => {
  it('is kept to by the whole fleet, and an answer makes room', async () => {
    await setMostAtOnce(ledger.database, 'openai', 2);
    const other = await ledger.openWorker();
    const first = await ledger.worker.take(await ledger.admit());
    await other.take(await ledger.admit());
    const { jobId, claim } = await claimNew();
    expect(claim.outcome).toBe('refused');
    expect(claim.next).toMatchObject([{ jobId, queue: 'text-openai' }]);
    expect(await stateOf(jobId)).toMatchObject({ state: 'queued', attempts: 0 });
    await ledger.worker.answer(first);
    expect((await claimNew()).claim.outcome).toBe('claimed');
    await ledger.assertSound();
  });

  it('is never passed by claims of the same moment', async () => {
    await setMostAtOnce(ledger.database, 'openai', 1);
    const other = await ledger.openWorker();
    const [first, second] = [await ledger.admit(), await ledger.admit()];
    const outcomes = await Promise.all([ledger.worker.claim(dispatchOf(first)), other.claim(dispatchOf(second))]);
    expect(outcomes.map((claim) => claim.outcome).sort()).toEqual(['claimed', 'refused']);
  });
});

describe('a circuit', () => {
  it('opens with the fifth silent call in a row, and says so once', async () => {
    const opened = [];
    for (let n = 0; n < FAILURES_THAT_OPEN; n++) opened.push(await fail('unwell', 'PROVIDER_TIMEOUT'));
    expect(opened).toEqual([false, false, false, false, true]);
    expect(await circuit()).toMatchObject({ circuit: 'open', failures: 5 });
  });

  it('stays closed when an answer comes in between', async () => {
    for (let n = 0; n < 4; n++) await fail('unwell', 'PROVIDER_TIMEOUT');
    await ledger.worker.answer(await ledger.worker.take(await ledger.admit()));
    for (let n = 0; n < 4; n++) expect(await fail('unwell', 'PROVIDER_TIMEOUT')).toBe(false);
    expect(await circuit()).toMatchObject({ circuit: 'closed', failures: 4 });
  });

  it('opens at once when the key is refused, and jobs without another candidate fail with that code instead of being called', async () => {
    expect(await fail('broken', 'PROVIDER_AUTH')).toBe(true);
    const { jobId, claim } = await claimNew({ candidates: ALONE });
    expect(claim.outcome).toBe('expired');
    expect(await stateOf(jobId)).toMatchObject({ state: 'failed', error_code: 'PROVIDER_AUTH', attempts: 0 });
    await ledger.assertSound();
  });

  it('stays open for the refused key also when silent calls end afterwards and a probe gets no answer, and jobs fail instead of waiting', async () => {
    const early = await ledger.worker.take(await ledger.admit());
    await fail('broken', 'PROVIDER_AUTH');
    await ledger.worker.fail(early, { action: 'never', health: 'unwell', errorCode: 'PROVIDER_TIMEOUT' });
    const first = await claimNew({ candidates: ALONE });
    expect(await stateOf(first.jobId)).toMatchObject({ state: 'failed', error_code: 'PROVIDER_AUTH', attempts: 0 });
    await waitOut();
    await fail('unwell', 'PROVIDER_OVERLOADED');
    const second = await claimNew({ candidates: ALONE });
    expect(await stateOf(second.jobId)).toMatchObject({ state: 'failed', error_code: 'PROVIDER_AUTH', attempts: 0 });
    await ledger.assertSound();
  });

  it('that opened for silence fails jobs as soon as a call under way comes back with a refused key', async () => {
    const early = await ledger.worker.take(await ledger.admit());
    await open();
    expect((await claimNew({ candidates: ALONE })).claim.outcome).toBe('refused');
    await ledger.worker.fail(early, { action: 'never', health: 'broken', errorCode: 'PROVIDER_AUTH' });
    const { jobId } = await claimNew({ candidates: ALONE });
    expect(await stateOf(jobId)).toMatchObject({ state: 'failed', error_code: 'PROVIDER_AUTH', attempts: 0 });
  });

  it('sends jobs to their next candidate without an attempt', async () => {
    await open();
    const { jobId, claim } = await claimNew();
    expect(claim.outcome).toBe('refused');
    expect(claim.next).toMatchObject([{ jobId, queue: 'text-claude', delayMs: 0 }]);
    expect(await stateOf(jobId)).toMatchObject({ state: 'queued', provider: 'claude', attempts: 0 });
  });

  it('lets jobs without another candidate wait for the next probe', async () => {
    await open();
    const { jobId, claim } = await claimNew({ candidates: ALONE });
    expect(claim.next).toMatchObject([{ jobId, queue: 'text-openai' }]);
    expect((await stateOf(jobId)) as { wait_s: number }).toMatchObject({ state: 'queued', attempts: 0 });
    expect(((await stateOf(jobId)) as { wait_s: number }).wait_s).toBeGreaterThan(10);
  });

  it('is probed by one call only, also when two workers ask at the same moment', async () => {
    await open();
    await waitOut();
    const other = await ledger.openWorker();
    const [first, second] = [await ledger.admit({ candidates: ALONE }), await ledger.admit({ candidates: ALONE })];
    const outcomes = await Promise.all([ledger.worker.claim(dispatchOf(first)), other.claim(dispatchOf(second))]);
    expect(outcomes.map((claim) => claim.outcome).sort()).toEqual(['claimed', 'refused']);
    expect(await circuit()).toMatchObject({ circuit: 'half_open' });
  });

  it('closes when the probe is answered, and everybody is called again', async () => {
    await open();
    await waitOut();
    await ledger.worker.answer(await ledger.worker.take(await ledger.admit()));
    expect(await circuit()).toMatchObject({ circuit: 'closed', failures: 0 });
    expect((await claimNew()).claim.outcome).toBe('claimed');
    await ledger.assertSound();
  });

  it('stays open twice as long when the probe fails', async () => {
    await open();
    const before = (await circuit())?.wait_s ?? 0;
    await waitOut();
    await fail('unwell', 'PROVIDER_TIMEOUT');
    const after = await circuit();
    expect(after?.circuit).toBe('open');
    expect(after?.wait_s).toBeGreaterThan(before * 1.8);
  });

  it('is probed again when the worker of the probe died', async () => {
    await open();
    await waitOut();
    expect((await claimNew()).claim.outcome).toBe('claimed');
    expect((await claimNew({ candidates: ALONE })).claim.outcome).toBe('refused');
    await waitOut();
    expect((await claimNew()).claim.outcome).toBe('claimed');
  });

  it('is not closed by an answer that was asked for before it opened', async () => {
    const early = await ledger.worker.take(await ledger.admit());
    await open();
    await ledger.worker.answer(early);
    expect(await circuit()).toMatchObject({ circuit: 'open' });
  });
});
