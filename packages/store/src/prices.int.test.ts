import { computeCost, NO_USAGE, type Price, type ProviderName } from '@ai-core/core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import { addPrices, listPrices } from './prices.ts';
import { addProvider, disableProvider, editProvider } from './provider-configs.ts';
import { correctPrices, findMispriced } from './reprice.ts';
import { checkRollUp, rollUp } from './roll-up.ts';
import { setUpProviders } from './setup-providers.ts';
import { createTestDatabase } from './testing.ts';
import { jobOf, createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
let act: Act;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  act = { database: ledger.database, actor: 'mika', announce: async () => undefined };
});
afterAll(() => ledger.close());

function priceOf(modelName: string, input: bigint, effectiveFrom: Date, provider: ProviderName = 'openai'): Omit<Price, 'id'> {
  return {
    provider,
    modelName,
    effectiveFrom,
    effectiveTo: null,
    rates: { input, output: 0n, cachedInput: null, cacheWrite: null, cacheWriteLong: null, characters: null, audioOutput: null },
    perRequestNanoUsd: 0n,
    batchBasisPoints: 10_000,
    longContext: null,
  };
}

const today = (): string => new Date().toISOString().slice(0, 10);
const audit = (subject: string) =>
  ledger.query<{ actor: string; action: string }>('select actor, action from ai_audit_log where subject = $1 order by at', [subject]);

describe('prices', () => {
  it('are added with their source and an audit entry, and the one in effect is marked', async () => {
    await addPrices(
      act,
      [priceOf('listed', 1_000n, new Date('2026-01-01')), priceOf('listed', 2_000n, new Date('2026-02-01'))],
      'a letter',
    );
    const listed = await listPrices(ledger.database, { modelName: 'listed' });
    expect(listed.map(({ rates, source, isInEffect }) => [rates.input, source, isInEffect])).toEqual([
      [1_000n, 'a letter', false],
      [2_000n, 'a letter', true],
    ]);
    expect(await audit('openai/listed')).toEqual(Array.from({ length: 2 }, () => ({ actor: 'mika', action: 'price.added' })));
  });

  it('are never changed: a second one of the same moment is refused, and nothing beside it is written', async () => {
    await addPrices(act, [priceOf('fixed', 1_000n, new Date('2026-01-01'))], 'first');
    const both = [priceOf('fixed-too', 1n, new Date('2026-01-01')), priceOf('fixed', 9_000n, new Date('2026-01-01'))];
    await expect(addPrices(act, both, 'second')).rejects.toThrow('prices are never changed');
    expect((await listPrices(ledger.database, { modelName: 'fixed' })).map(({ rates }) => rates.input)).toEqual([1_000n]);
    expect(await listPrices(ledger.database, { modelName: 'fixed-too' })).toEqual([]);
  });

  it('of a model decide what it is ordered by, unless an admin has set that', async () => {
    const key = { provider: 'openai', modelName: 'ordered', kind: 'text' } as const;
    const cost = async () =>
      (await loadCatalogueSnapshot(ledger.database)).configs.find((row) => row.modelName === 'ordered')?.costPerMillionTokens;
    await addProvider(act, key, { tier: 'cheap' });
    await addPrices(act, [priceOf('ordered', 4_000_000_000n, new Date('2026-01-01'))], 'list');
    expect(await cost()).toBe(3);
    await editProvider(act, key, { costPerMillionTokens: 0.5 });
    await addPrices(act, [priceOf('ordered', 8_000_000_000n, new Date('2026-02-01'))], 'list');
    expect(await cost()).toBe(0.5);
  });
});

it('setup leaves the order that imported prices have made', async () => {
  const test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  try {
    await setUpProviders({ databaseUrl: test.url, catalogue: 'current' });
    const cost = async () =>
      (await loadCatalogueSnapshot(test.database)).configs.find((row) => row.modelName === 'gpt-6-luna')?.costPerMillionTokens;
    expect(await cost()).toBe(0.2);
    await addPrices({ ...act, database: test.database }, [priceOf('gpt-6-luna', 400_000_000n, new Date('2026-11-01'))], 'list');
    expect(await cost()).toBe(0.3);
    const again = await setUpProviders({ databaseUrl: test.url, catalogue: 'current' });
    expect(again.filter(({ outcome }) => outcome !== 'kept')).toEqual([]);
    expect(await cost()).toBe(0.3);
  } finally {
    await test.drop();
  }
});

describe('configurations', () => {
  const key = { provider: 'openai', modelName: 'gpt-4o-mini', kind: 'text' } as const;

  it('are added with what the catalogue knows and what is given on top, once', async () => {
    expect(await addProvider(act, key, { qualityScore: 0.9, isDefault: true })).toMatchObject({ tier: 'cheap', max_tokens: 128_000 });
    await expect(addProvider(act, key, {})).rejects.toThrow('is configured already');
    const { configs } = await loadCatalogueSnapshot(ledger.database);
    expect(configs.find((row) => row.modelName === 'gpt-4o-mini')).toMatchObject({ qualityScore: 0.9, successor: 'gpt-6-luna' });
    expect(await audit('openai/gpt-4o-mini')).toEqual([{ actor: 'mika', action: 'provider.added' }]);
  });

  it('are edited and disabled, remembering what an admin has set', async () => {
    await editProvider(act, key, { tier: 'normal', shutdownDate: '2027-03-01', limits: { concurrency: 3 } });
    await disableProvider(act, key);
    expect(
      await ledger.query('select tier, is_active, limits, admin_edited from ai_provider_config where model_name = $1', ['gpt-4o-mini']),
    ).toEqual([
      {
        tier: 'normal',
        is_active: false,
        limits: { concurrency: 3 },
        admin_edited: expect.arrayContaining(['tier', 'shutdownDate', 'limits', 'isActive', 'qualityScore', 'isDefault']) as unknown,
      },
    ]);
    expect((await audit('openai/gpt-4o-mini')).at(-1)).toEqual({ actor: 'mika', action: 'provider.edited' });
  });

  it('have one default for each kind and tier', async () => {
    const other = { provider: 'claude', modelName: 'claude-haiku-5-5', kind: 'text' } as const;
    await addProvider(act, other, { tier: 'normal', isDefault: true });
    await editProvider(act, key, { isDefault: true });
    const { configs } = await loadCatalogueSnapshot(ledger.database);
    expect(configs.filter((row) => row.isDefault && row.tier === 'normal').map((row) => row.modelName)).toEqual(['gpt-4o-mini']);
  });

  it('refuse what makes no sense, in words', async () => {
    await expect(editProvider(act, key, {})).rejects.toThrow('name at least one thing to change');
    await expect(editProvider(act, key, { qualityScore: 2 })).rejects.toThrow('qualityScore');
    await expect(editProvider(act, key, { baseUrl: 'ftp://x' })).rejects.toThrow('baseUrl');
    await expect(editProvider(act, { ...key, modelName: 'nowhere' }, { isActive: true })).rejects.toThrow('NOT_FOUND');
    await expect(addProvider(act, { ...key, provider: 'acme' }, {})).rejects.toThrow('provider must be one of');
    await expect(addProvider(act, { provider: 'elevenlabs', modelName: 'x', kind: 'text' }, {})).rejects.toThrow('has no text models');
  });
});

describe('repricing', () => {
  it('prices the morning with the old and the afternoon with the new row after a change at noon', async () => {
    const noon = new Date('2026-11-20T12:00:00Z');
    const prices = [priceOf('noon', 1_000_000n, new Date('2026-01-01')), priceOf('noon', 3_000_000n, noon)];
    await addPrices(act, prices, 'list');
    const calls = [
      ['2026-11-20T11:59:59.999Z', 100n],
      ['2026-11-20T12:00:00Z', 300n],
    ] as const;
    const ids: string[] = [];
    for (const [at] of calls) {
      const job = await ledger.worker.take(await ledger.admit());
      await ledger.worker.answer(job);
      ids.push(job.attemptId);
      await ledger.query(`update ai_attempt set model = 'noon', billed_model = 'noon', started_at = $2 where id = $1`, [job.attemptId, at]);
    }
    const { mispriced } = await findMispriced(ledger.database, { from: '2026-11-20', to: '2026-11-20', simulated: true });
    const costs = new Map(mispriced.map((call) => [call.attemptId, call.costNanoUsd]));
    expect(ids.map((id) => costs.get(id))).toEqual(calls.map(([, cost]) => cost));
    expect(computeCost({ ...NO_USAGE, inputTokens: 100 }, { ...priceOf('noon', 1_000_000n, noon), id: '' }).nanoUsd).toBe(100n);
  });

  it('writes signed corrections once, after which every sum is exact', async () => {
    const admission = await ledger.admit();
    const job = await ledger.worker.take(admission);
    await ledger.worker.answer(job);
    await ledger.query(`update ai_attempt set model = 'wrong', billed_model = 'wrong' where id = $1`, [job.attemptId]);
    await addPrices(act, [priceOf('wrong', 5_000_000n, new Date('2026-01-01'))], 'corrected list');
    const range = { from: today(), to: null, simulated: true };
    const only = async () => (await findMispriced(ledger.database, range)).mispriced.filter(({ model }) => model === 'wrong');
    const found = await only();
    expect(found).toMatchObject([{ recordedNanoUsd: 1_500_000n, costNanoUsd: 500n }]);
    expect(await correctPrices(act, found)).toEqual({ corrected: 1, differenceNanoUsd: 500n - 1_500_000n });
    expect(await correctPrices(act, found)).toEqual({ corrected: 0, differenceNanoUsd: 0n });
    expect(await only()).toEqual([]);
    const rows = await ledger.rowsOf(jobOf(admission));
    expect(rows.map(({ row_kind, cost_nano_usd }) => [row_kind, cost_nano_usd])).toEqual([
      ['request', 1_500_000n],
      ['correction', -1_499_500n],
    ]);
    expect(await ledger.query('select cost_nano_usd from ai_memory where id = $1', [job.attemptId])).toEqual([{ cost_nano_usd: 500n }]);
    await ledger.assertSound();
  });

  it('gives a call its price that had none; it is not listed as unpriced any more', async () => {
    const job = await ledger.worker.take(await ledger.admit());
    await ledger.worker.answer(job);
    await ledger.query(`update ai_attempt set model = 'late-price', billed_model = 'late-price', cost_nano_usd = null where id = $1`, [
      job.attemptId,
    ]);
    await ledger.query('update ai_usage_log set cost_nano_usd = null, price_id = null where attempt_id = $1', [job.attemptId]);
    const unpriced = async () => {
      await rollUp(ledger.database);
      const [row] = await ledger.query<{ n: string }>('select sum(unpriced)::text as n from ai_daily_cost');
      return Number(row?.n);
    };
    await ledger.query(`update ai_rollup_state set last_xid = '0'`);
    const before = await unpriced();
    await addPrices(act, [priceOf('late-price', 1_000_000n, new Date('2026-01-01'))], 'list');
    const { mispriced } = await findMispriced(ledger.database, { from: today(), to: null, simulated: true });
    expect(
      await correctPrices(
        act,
        mispriced.filter(({ model }) => model === 'late-price'),
      ),
    ).toEqual({ corrected: 1, differenceNanoUsd: 100n });
    expect(await unpriced()).toBe(before - 1);
    expect((await checkRollUp(ledger.database)).differences).toEqual([]);
  });
});
