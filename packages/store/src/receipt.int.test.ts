import { NO_USAGE, type Price } from '@ai-core/core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { addPrices } from './prices.ts';
import { getReceipt } from './receipt.ts';
import { correctPrices, findMispriced } from './reprice.ts';
import { createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
let act: Act;
const price = (modelName: string, input: bigint, output: bigint): Omit<Price, 'id'> => ({
  provider: 'openai',
  modelName,
  effectiveFrom: new Date('2026-01-01'),
  effectiveTo: null,
  rates: { input, output, cachedInput: null, cacheWrite: null, cacheWriteLong: null, characters: null, audioOutput: null },
  perRequestNanoUsd: 0n,
  batchBasisPoints: 5_000,
  longContext: null,
});

beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  act = { database: ledger.database, actor: 'mika', announce: async () => undefined };
  await addPrices(act, [price('first', 3_000_000n, 8_000_000n), price('incumbent', 30_000_000n, 80_000_000n)], 'list');
});
afterAll(() => ledger.close());

it('explains a batch call, a joined caller and a comparison, all of it adding up', async () => {
  const promptHash = crypto.randomUUID();
  const payer = await ledger.admit({ promptHash });
  await ledger.admit({ promptHash });
  const job = await ledger.worker.take(payer);
  await ledger.worker.answer(job);
  const usage = { ...NO_USAGE, inputTokens: 100, outputTokens: 50, batch: true };
  await ledger.query('update ai_attempt set usage = $2 where id = $1', [job.attemptId, JSON.stringify(usage)]);
  const today = new Date().toISOString().slice(0, 10);
  await correctPrices(act, (await findMispriced(ledger.database, { from: today, to: null, simulated: true })).mispriced);

  const receipt = await getReceipt(ledger.database, jobOf(payer), { incumbent: { provider: 'openai', modelName: 'incumbent' } });
  expect(receipt).toMatchObject({ paidNanoUsd: 350n, differenceNanoUsd: 0n });
  expect(receipt?.calls).toMatchObject([
    {
      costNanoUsd: 350n,
      basisPoints: 5_000,
      lines: [
        { unit: 'input', quantity: 100, nanoUsd: 150n },
        { unit: 'output', quantity: 50, nanoUsd: 200n },
      ],
    },
  ]);
  expect(receipt?.rows.map(({ kind, source, costNanoUsd }) => [kind, source, costNanoUsd])).toEqual([
    ['request', 'provider', 1_500_000n],
    ['correction', 'provider', 350n - 1_500_000n],
    ['request', 'in_flight', 0n],
  ]);
  const joined = receipt?.rows.find(({ source }) => source === 'in_flight');
  const total = joined?.savings.reduce((sum, saving) => sum + saving.nanoUsd, 0n);
  expect(total).toBe(7_000n);
  expect(joined?.savings.map(({ reason }) => reason)).toEqual(['cheaper_model', 'batch', 'in_flight']);
});

it('of a request that shares a job is the receipt of the job, and nothing for an id nobody knows', async () => {
  const requestId = crypto.randomUUID();
  const admission = await ledger.admit({ requestId });
  await ledger.worker.answer(await ledger.worker.take(admission));
  expect(await getReceipt(ledger.database, requestId)).toMatchObject({ jobId: jobOf(admission), rows: [{ id: requestId }] });
  expect(await getReceipt(ledger.database, crypto.randomUUID())).toBeNull();
});
