import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { claimKey, releaseKey, takeKey } from './idempotency.ts';
import { createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());

const makeClaim = (key: string = randomUUID()) => ({
  caller: 'test',
  key,
  requestSha256: 'a'.repeat(64),
  requestId: randomUUID() as string,
});
const agePast = (key: string, interval: string) =>
  ledger.query('update ai_idempotency set created_at = created_at - $2::interval where key = $1', [key, interval]);

it('gives a free key to exactly one of 40 concurrent claims; the others are told to look again', async () => {
  const key = randomUUID();
  const holders = await Promise.all(Array.from({ length: 40 }, () => claimKey(ledger.database, makeClaim(key))));
  const outcomes = holders.map((holder) => holder.outcome);
  expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'open')).toHaveLength(39);
});

it('tells a holder that was away for too long that the key is somebody else’s by now', async () => {
  const slow = makeClaim();
  const next = makeClaim(slow.key);
  await claimKey(ledger.database, slow);
  expect(await claimKey(ledger.database, next)).toEqual({ outcome: 'open' });
  await agePast(slow.key, '31 seconds');
  expect(await claimKey(ledger.database, next)).toEqual({ outcome: 'claimed' });
  const jobId = randomUUID();
  expect(await takeKey(ledger.database, slow, { jobId: randomUUID() })).toBe(false);
  expect(await takeKey(ledger.database, next, { jobId })).toBe(true);
  await releaseKey(ledger.database, slow);
  expect(await claimKey(ledger.database, makeClaim(slow.key))).toEqual({ outcome: 'job', requestId: next.requestId, jobId });
});

it('keeps the key of a request that is in the ledger, however long its holder has been silent', async () => {
  const claim = makeClaim();
  await claimKey(ledger.database, claim);
  const jobId = jobOf(await ledger.admit({ requestId: claim.requestId }));
  await releaseKey(ledger.database, claim);
  await agePast(claim.key, '1 hour');
  expect(await claimKey(ledger.database, makeClaim(claim.key))).toEqual({ outcome: 'job', requestId: claim.requestId, jobId });
  await expect(claimKey(ledger.database, { ...makeClaim(claim.key), requestSha256: 'b'.repeat(64) })).rejects.toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
});

it('frees a released key at once, for any request', async () => {
  const claim = makeClaim();
  await claimKey(ledger.database, claim);
  await releaseKey(ledger.database, claim);
  expect(await claimKey(ledger.database, { ...makeClaim(claim.key), requestSha256: 'b'.repeat(64) })).toEqual({ outcome: 'claimed' });
});
