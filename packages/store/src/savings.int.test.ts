import { compareCost, computeCost, NO_USAGE, type Price, type Usage } from '@ai-core/core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { addPrices } from './prices.ts';
import { getReceipt } from './receipt.ts';
import { correctPrices, findMispriced } from './reprice.ts';
import { rollUp } from './roll-up.ts';
import { readSavings } from './savings.ts';
import { createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';
import { createHitWriter } from './usage-log.ts';

const JOBS = 1_000;
const ROWS = 10_000;
let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());

/** The same numbers in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const random = createRandom(7);

function randomPrice(modelName = 'any'): Price {
  const rate = (): bigint => BigInt(random(5_000_000_000));
  return {
    id: crypto.randomUUID(),
    provider: 'openai',
    modelName,
    effectiveFrom: new Date('2026-01-01'),
    effectiveTo: null,
    rates: {
      input: rate(),
      output: rate(),
      cachedInput: null,
      cacheWrite: null,
      cacheWriteLong: null,
      characters: null,
      audioOutput: null,
    },
    perRequestNanoUsd: 0n,
    batchBasisPoints: random(10_001),
    longContext: null,
  };
}

interface Work {
  readonly promptHash: string;
  /** What each of its requests would have cost. */
  readonly worthNanoUsd: bigint;
  readonly requests: readonly string[];
  readonly memoryId: string;
}

async function work(provider: 'openai' | 'local_small_model'): Promise<Work> {
  const promptHash = crypto.randomUUID();
  const candidates = [{ provider, model: 'cheap', queue: 'text-openai', max_cost_nano_usd: null, price_id: null }];
  const requests = Array.from({ length: 1 + random(4) }, () => crypto.randomUUID());
  const [first = '', ...others] = requests;
  const admission = await ledger.admit({ requestId: first, promptHash, candidates });
  for (const requestId of others) await ledger.admit({ requestId, promptHash, candidates });
  const usage: Usage = { ...NO_USAGE, inputTokens: random(100_000), outputTokens: random(20_000), batch: random(2) === 0 };
  const [price, incumbentPrice] = [randomPrice(), random(2) === 0 ? randomPrice() : null];
  const job = await ledger.worker.take(admission);
  const costNanoUsd = computeCost(usage, price).nanoUsd ?? 0n;
  await ledger.worker.answer(job, { usage, costNanoUsd, ...compareCost({ usage, price, incumbentPrice }) });
  const worthNanoUsd = computeCost({ ...usage, batch: false }, incumbentPrice ?? price).nanoUsd ?? 0n;
  return { promptHash, worthNanoUsd, requests, memoryId: job.attemptId };
}

it(`splits the saving of ${ROWS} random requests into parts that add up to what they would have cost minus what they did, exactly`, async () => {
  const works: Work[] = [];
  while (works.length < JOBS) {
    works.push(...(await Promise.all(Array.from({ length: 50 }, () => work(random(2) === 0 ? 'openai' : 'local_small_model')))));
  }
  const worth = new Map(works.flatMap(({ requests, worthNanoUsd }) => requests.map((id) => [id, worthNanoUsd] as const)));
  const hits = createHitWriter({ database: ledger.database });
  while (worth.size < ROWS) {
    const { memoryId, worthNanoUsd } = works[random(works.length)] as Work;
    const requestId = crypto.randomUUID();
    worth.set(requestId, worthNanoUsd);
    await hits.write({
      requestId,
      at: new Date(),
      memoryId,
      endpoint: '',
      userId: '',
      caller: 'test',
      selectionMode: 'auto',
      latencyMs: 1,
    });
  }
  await hits.close();

  const rows = await ledger.query<Record<'paid' | 'saved' | 'batch' | 'cheaper' | 'own', bigint> & { id: string; shared: string | null }>(
    `select id, cost_nano_usd as paid, saved_nano_usd as saved, saved_batch_nano_usd as batch, saved_cheaper_nano_usd as cheaper,
       saved_own_nano_usd as own, saved_source as shared from ai_usage_log where row_kind = 'request'`,
  );
  expect(rows).toHaveLength(ROWS);
  const wrong = rows.filter(({ id, paid, saved }) => paid + saved !== worth.get(id));
  expect(wrong).toEqual([]);
  // Whoever pays shares with nobody: all it saved has another reason.
  expect(rows.filter(({ shared, saved, batch, cheaper, own }) => shared === null && saved !== batch + cheaper + own)).toEqual([]);
  expect(rows.filter(({ cheaper, own }) => cheaper !== 0n && own !== 0n)).toEqual([]);

  for (const { requests, worthNanoUsd } of works.slice(0, 100)) {
    const receipt = await getReceipt(ledger.database, requests[0] ?? '');
    expect(receipt?.differenceNanoUsd).toBe(0n);
    for (const row of receipt?.rows ?? []) {
      const parts = row.savings.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0n);
      expect(parts).toBe(worthNanoUsd - (row.costNanoUsd ?? 0n));
    }
  }

  await rollUp(ledger.database);
  const sources = await readSavings(ledger.database, 2, true);
  expect(new Set(sources.map(({ source }) => source))).toEqual(new Set(['memory', 'in_flight', 'batch', 'cheaper_model', 'own_model']));
  const total = rows.reduce((sum, { saved }) => sum + saved, 0n);
  expect(sources.reduce((sum, { savedNanoUsd }) => sum + BigInt(savedNanoUsd), 0n)).toBe(total);
  await ledger.assertSound();
});

it('corrects what a call saved together with what it cost, so that what it would have cost with the other model stays', async () => {
  const act: Act = { database: ledger.database, actor: 'mika', announce: async () => undefined };
  const price = { ...randomPrice('first'), batchBasisPoints: 5_000 };
  await addPrices(act, [price], 'list');
  const usage: Usage = { ...NO_USAGE, inputTokens: 100, outputTokens: 50, batch: true };
  const admission = await ledger.admit();
  const job = await ledger.worker.take(admission);
  await ledger.worker.answer(job, { usage, costNanoUsd: 40n, realtimeNanoUsd: 80n, counterfactualNanoUsd: 9_000_000n });
  const today = new Date().toISOString().slice(0, 10);
  const { mispriced } = await findMispriced(ledger.database, { from: today, to: null, simulated: true });
  await correctPrices(
    act,
    mispriced.filter(({ attemptId }) => attemptId === job.attemptId),
  );

  const realtime = computeCost({ ...usage, batch: false }, price).nanoUsd ?? 0n;
  const receipt = await getReceipt(ledger.database, jobOf(admission));
  const sum = (reason: string): bigint =>
    (receipt?.rows ?? []).flatMap(({ savings }) => savings).reduce((all, part) => all + (part.reason === reason ? part.nanoUsd : 0n), 0n);
  expect(receipt?.rows.map(({ kind }) => kind)).toEqual(['request', 'correction']);
  expect(sum('batch')).toBe(realtime - (receipt?.paidNanoUsd ?? 0n));
  expect(sum('cheaper_model')).toBe(9_000_000n - realtime);
  await ledger.assertSound();
});
