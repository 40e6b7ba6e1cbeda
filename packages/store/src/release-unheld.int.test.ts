import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { releaseUnheld } from './sweep.ts';
import { createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
afterEach(() => ledger.assertSound());

it('queues again what a living worker is said to run and does not have in hand, and leaves alone what it has', async () => {
  const held = await ledger.worker.take(await ledger.admit());
  const lost = await ledger.worker.take(await ledger.admit());
  const workerId = ledger.worker.id();
  expect(await releaseUnheld(ledger.database, { workerId, held: [held.jobId], olderMs: 60_000 })).toEqual([]);
  const [released, ...others] = await releaseUnheld(ledger.database, { workerId, held: [held.jobId], olderMs: 0 });
  expect(others).toEqual([]);
  expect(released?.jobId).toBe(lost.jobId);

  // Nothing speaks against the job; the call it was claimed for may have been made.
  const [row] = await ledger.query<{ state: string; crash_count: number; candidate_attempts: number; attempt: string }>(
    `select j.state, j.crash_count, j.candidate_attempts, a.state as attempt from ai_job j join ai_attempt a on a.job_id = j.id where j.id = $1`,
    [lost.jobId],
  );
  expect(row).toEqual({ state: 'queued', crash_count: 0, candidate_attempts: 0, attempt: 'unknown' });
  const again = released === undefined ? undefined : await ledger.worker.claim(released);
  expect(again?.outcome).toBe('claimed');
  if (again?.outcome === 'claimed') await ledger.worker.answer(again.job);
  await ledger.worker.answer(held);
});
