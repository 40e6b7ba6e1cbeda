import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BatchApi, BatchItem, BatchRow, BatchStatus } from '../batch.ts';
import type { Bench } from '../conformance.ts';
import { expectKind, failureOf, SECRET, TIMEOUTS } from './expect-failure.ts';

const MOST_LOOKS = 10;

/** Declares the part of the suite about batches. */
export function describeBatches(bench: () => Bench): void {
  const call = () => ({ signal: new AbortController().signal, timeouts: TIMEOUTS });

  function api(): BatchApi {
    const { batches } = bench().provider;
    if (!batches) throw new Error(`${bench().name} has no batches.`);
    return batches;
  }

  function itemsOf(prompts: readonly string[]): BatchItem[] {
    const model = bench().rig.models.text ?? '';
    return prompts.map((prompt) => ({
      customId: randomUUID().replaceAll('-', '').padEnd(64, '0'),
      call: { model, prompt, options: {}, maxOutputTokens: 2_000 },
    }));
  }

  const prompts = (count: number): string[] =>
    Array.from({ length: count }, (_, n) => `Explain photosynthesis to ${SECRET}, part ${n + 1}`);

  async function submit(items: readonly BatchItem[], batchId: string = randomUUID()): Promise<string> {
    const { providerBatchId } = await api().submit({ batchId, model: bench().rig.models.text ?? '', items, ...call() });
    return providerBatchId;
  }

  /** Asks for a batch until it has ended. */
  async function watch(providerBatchId: string): Promise<BatchStatus> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const status = await api().look({ providerBatchId, ...call() });
      if (status.ending !== null) return status;
    }
    throw new Error('The batch did not end.');
  }

  async function run(items: readonly BatchItem[]): Promise<{ ending: BatchStatus['ending']; rows: readonly BatchRow[] }> {
    const providerBatchId = await submit(items);
    const { ending } = await watch(providerBatchId);
    return { ending, rows: await api().read({ providerBatchId, ...call() }, items) };
  }

  const billOf = (customId: string) =>
    bench()
      .rig.billed()
      .filter((line) => line.attemptId === customId);

  describe('for batches', () => {
    it('answers every line under its custom id, at the batch rate, as it stands on the provider bill', async () => {
      const items = itemsOf(prompts(40));
      const { ending, rows } = await run(items);
      expect(ending).toBe('complete');
      expect(rows.map(({ customId }) => customId).toSorted()).toEqual(items.map(({ customId }) => customId).toSorted());
      for (const row of rows) {
        if (row.outcome !== 'answered') throw new Error(`${row.customId} was not answered`);
        const bill = billOf(row.customId);
        expect(bill).toHaveLength(1);
        expect(row.result).toMatchObject({ model: bench().rig.models.text, usage: bill[0]?.usage, usageDoubt: null });
        expect(row.result.usage.batch).toBe(true);
        expect(row.result.text).toContain('photosynthesis');
      }
    });

    it('tells lines that were refused, and were not charged, from answers that are useless and were', async () => {
      const [good = '', ...rest] = prompts(4);
      const faults = ['context', 'server', 'length'];
      const items = itemsOf([good, ...rest.map((prompt, n) => bench().rig.spoil(prompt, faults[n] ?? ''))]);
      const rows = new Map((await run(items)).rows.map((row) => [row.customId, row]));
      const expected = [
        undefined,
        { code: 'CONTEXT_TOO_LONG', charged: 'no' },
        { code: 'PROVIDER_OVERLOADED', charged: 'no' },
        { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
      ] as const;
      for (const [n, { customId }] of items.entries()) {
        const row = rows.get(customId);
        const failure = expected[n];
        if (failure === undefined) {
          expect(row?.outcome).toBe('answered');
          continue;
        }
        if (row?.outcome !== 'failed') throw new Error(`line ${n} did not fail`);
        expectKind(row.failure, failure, bench());
        if (failure.charged === 'yes') expect(row.failure.usage).toEqual(billOf(customId)[0]?.usage);
        else expect(billOf(customId)).toEqual([]);
      }
    });

    it('reads what an expired batch has finished, and charges nothing for the rest', async () => {
      bench().rig.spoilNext?.('batch-expire');
      const items = itemsOf(prompts(9));
      const { ending, rows } = await run(items);
      expect(ending).toBe('expired');
      expect(rows.filter(({ outcome }) => outcome === 'answered')).toHaveLength(5);
      expect(rows.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(items.flatMap(({ customId }) => billOf(customId))).toHaveLength(5);
    });

    it('ends a batch early, and reads what was finished by then', async () => {
      const items = itemsOf(prompts(6));
      const providerBatchId = await submit(items);
      await api().cancel({ providerBatchId, ...call() });
      expect((await watch(providerBatchId)).ending).toBe('cancelled');
      const rows = await api().read({ providerBatchId, ...call() }, items);
      expect(rows.filter(({ outcome }) => outcome === 'answered')).toHaveLength(3);
    });

    it('says that a batch has failed as a whole, and then has no line to read', async () => {
      bench().rig.spoilNext?.('batch-fail');
      const items = itemsOf(prompts(3));
      const providerBatchId = await submit(items);
      const ending = (await watch(providerBatchId)).ending;
      expect(ending).toBe(bench().name === 'claude' ? 'complete' : 'failed');
      expect(await api().read({ providerBatchId, ...call() }, items)).toEqual([]);
    });

    it('finds a batch again whose taking was never heard of, and knows that it is in doubt', async () => {
      bench().rig.spoilNext?.('batch-lost');
      const since = new Date(Date.now() - 60_000);
      const batchId = randomUUID();
      const known = new Set((await api().list({ since, ...call() })).map(({ providerBatchId }) => providerBatchId));
      const items = itemsOf(prompts(7));
      expectKind(await failureOf(submit(items, batchId)), { code: 'PROVIDER_UNREACHABLE', charged: 'unknown' }, bench());
      const found = (await api().list({ since, ...call() })).filter(({ providerBatchId }) => !known.has(providerBatchId));
      expect(found).toHaveLength(1);
      if (api().keepsOurId) expect(found[0]?.batchId).toBe(batchId);
      else expect(found[0]).toMatchObject({ batchId: null, requests: 7 });
      const providerBatchId = found[0]?.providerBatchId ?? '';
      await watch(providerBatchId);
      expect(await api().read({ providerBatchId, ...call() }, items)).toHaveLength(7);
    });

    it('lists no batch that is older than wanted', async () => {
      await submit(itemsOf(prompts(1)));
      expect(await api().list({ since: new Date(Date.now() + 60_000), ...call() })).toEqual([]);
    });

    it.for([
      ['rate-limit?retry-after=120', { code: 'PROVIDER_RATE_LIMITED', charged: 'no', retryAfterMs: 120_000 }],
      ['quota', { code: 'PROVIDER_QUOTA_EXHAUSTED', charged: 'no' }],
      ['model-gone', { code: 'MODEL_UNKNOWN', charged: 'no' }],
      ['server', { code: 'PROVIDER_OVERLOADED', charged: 'unknown' }],
    ] as const)('makes %s on handing over a batch what it is, in doubt only where there may be one', async ([fault, expected]) => {
      bench().rig.spoilNext?.(fault);
      expectKind(await failureOf(submit(itemsOf(prompts(2)))), expected, bench());
    });
  });
}
