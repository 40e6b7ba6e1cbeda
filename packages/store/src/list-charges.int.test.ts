import { NO_USAGE } from '@ai-core/core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { listCharges } from './list-charges.ts';
import { COST, createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());

async function pay(at: string, changes: { readonly state?: string; readonly requestId?: string } = {}): Promise<string> {
  const job = await ledger.worker.take(await ledger.admit({ promptHash: crypto.randomUUID() }));
  await ledger.worker.answer(job);
  await ledger.query(
    'update ai_attempt set started_at = $2, state = $3, provider_request_id = $4, usage = $5, billed_model = $6 where id = $1',
    [
      job.attemptId,
      at,
      changes.state ?? 'billed',
      changes.requestId ?? null,
      JSON.stringify({ ...NO_USAGE, inputTokens: 10, outputTokens: 5 }),
      'first-2026-01-01',
    ],
  );
  return job.attemptId;
}

it('adds up what was paid by day and billed model in the zone of the bill, and lists single calls with their ids', async () => {
  await pay('2026-03-01T23:59:00Z');
  const second = await pay('2026-03-02T01:00:00Z', { requestId: 'r2', state: 'late' });
  await pay('2026-03-02T02:00:00Z', { state: 'unknown' });
  await pay('2026-03-02T03:00:00Z', { state: 'not_billed' });
  await pay('2026-03-03T12:00:00Z');
  const question = { provider: 'openai', from: '2026-03-01', to: '2026-03-02', timeZone: 'UTC', simulated: true };
  const sums = await listCharges(ledger.database, question, 'day');
  expect(sums).toMatchObject([
    { day: '2026-03-01', model: 'first-2026-01-01', ids: [], calls: 1, unknown: 0, costNanoUsd: COST, units: 15n },
    { day: '2026-03-02', calls: 1, unknown: 1, costNanoUsd: COST, units: 15n },
  ]);
  expect(sums[0]?.priceIds).toHaveLength(1);

  const pacific = await listCharges(ledger.database, { ...question, timeZone: 'America/Los_Angeles', to: '2026-03-01' }, 'day');
  expect(pacific).toMatchObject([{ day: '2026-03-01', calls: 2, unknown: 1, costNanoUsd: 2n * COST }]);

  const calls = await listCharges(ledger.database, question, 'call');
  expect(calls).toHaveLength(3);
  expect(calls).toContainEqual(expect.objectContaining({ ids: [second, 'r2'], calls: 1, costNanoUsd: COST }));
  expect(await listCharges(ledger.database, { ...question, simulated: false }, 'day')).toEqual([]);
});

it('a call without a price leaves the sum of its day without one', async () => {
  const attempt = await pay('2026-04-01T12:00:00Z');
  await pay('2026-04-01T13:00:00Z');
  await ledger.query('update ai_attempt set cost_nano_usd = null where id = $1', [attempt]);
  const question = { provider: 'openai', from: '2026-04-01', to: '2026-04-01', timeZone: 'UTC', simulated: true };
  expect(await listCharges(ledger.database, question, 'day')).toMatchObject([{ calls: 2, costNanoUsd: null }]);
});
