import { NO_USAGE } from '@ai-core/core';
import { addPrices } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { billDocument, billTable, compareBill, isReconciled } from './compare-bill.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  const perCharacter = { input: null, output: null, cachedInput: null, cacheWrite: null, cacheWriteLong: null, audioOutput: null };
  const price = {
    provider: 'elevenlabs' as const,
    modelName: 'eleven_v3',
    effectiveFrom: new Date('2024-01-01'),
    effectiveTo: null,
    rates: { ...perCharacter, characters: 100_000_000_000n },
    perRequestNanoUsd: 0n,
    batchBasisPoints: 10_000,
    longContext: null,
  };
  await addPrices({ database: test.database, actor: 'mika', announce: async () => undefined }, [price], 'list');
});
afterAll(() => test.drop());

interface Called {
  readonly at: string;
  readonly requestId: string;
  readonly state: 'billed' | 'unknown';
}

/** An attempt whose usage row was written before, as that of an unknown call is after its grace. */
async function insertAttempt({ at, requestId, state }: Called): Promise<string> {
  const id = crypto.randomUUID();
  const usage = state === 'unknown' ? null : JSON.stringify({ ...NO_USAGE, characters: 30 });
  const text = `insert into ai_attempt (id, job_id, fence, worker_id, provider, model, simulated, cost_nano_usd, state, provider_request_id, usage,
      accounted_at, started_at)
    values ($1, gen_random_uuid(), 1, gen_random_uuid(), 'elevenlabs', 'eleven_v3', true, $2, $3, $4, $5::jsonb, now(), $6)`;
  const cost = state === 'unknown' ? null : 3_000_000n;
  await test.database.query({ name: 'test_attempt', text }, [id, cost, state, requestId, usage, at]);
  return id;
}
const item = (requestId: string | null, at: string, characters: number): object => ({
  request_id: requestId,
  model_id: 'eleven_v3',
  date_unix: Date.parse(at) / 1000,
  character_count_change_from: 0,
  character_count_change_to: characters,
});

it('compares calls by request id across midnight, and settles the unknown ones that the export names and no other', async () => {
  await insertAttempt({ at: '2026-02-28T23:59:59.500Z', requestId: 'midnight', state: 'billed' });
  const unknown = await insertAttempt({ at: '2026-03-01T10:00:00Z', requestId: 'lost', state: 'unknown' });
  const other = await insertAttempt({ at: '2026-03-01T11:00:00Z', requestId: 'never-billed', state: 'unknown' });
  const history = [item('midnight', '2026-03-01T00:00:00Z', 30), item('lost', '2026-03-01T10:00:01Z', 40)];
  const question = { provider: null, from: null, to: null, simulated: true };
  const compared = await compareBill(test.database, { ...question, text: JSON.stringify({ history }) });
  expect(compared.settled).toBe(1);
  expect(isReconciled(compared)).toBe(true);
  expect(billTable(compared)).toEqual([
    'elevenlabs, 2026-03-01 to 2026-03-01: 3 matched, 0 rounding, 0 price_drift, 0 ours_only, 0 theirs_only',
    '1 unknown settled from the export',
  ]);
  const rows = await test.database.query(
    { name: 'test_states', text: 'select id, state, settled_by, cost_nano_usd from ai_attempt where id = any ($1::uuid[])' },
    [[unknown, other]],
  );
  expect(rows).toContainEqual({ id: unknown, state: 'billed', settled_by: 'bill', cost_nano_usd: 4_000_000n });
  expect(rows).toContainEqual({ id: other, state: 'unknown', settled_by: null, cost_nano_usd: null });

  const again = await compareBill(test.database, {
    ...question,
    text: JSON.stringify({ history: [...history, item('x', '2026-03-01T12:00:00Z', 5)] }),
  });
  expect(again.settled).toBe(0);
  expect(isReconciled(again)).toBe(false);
  expect(billDocument(again)).toMatchObject({
    provider: 'elevenlabs' as const,
    time_zone: 'UTC',
    classes: { matched: 3, theirs_only: 1 },
    rows: expect.arrayContaining([expect.objectContaining({ class: 'theirs_only', request_id: 'x', ours: null })]) as unknown,
  });
});
