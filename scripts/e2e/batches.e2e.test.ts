import { computeCost, NO_USAGE, type ProviderName, type Usage } from '@ai-core/core';
import type { TextHandle } from '@ai-core/producer';
import { checkInvariants, createSnapshotCache, getReceipt } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

const MODELS = { openai: 'gpt-6-luna', claude: 'claude-haiku-5-5', gemini: 'gemini-3.5-flash-lite' } as const;
type Batched = keyof typeof MODELS;
const PROVIDERS = Object.keys(MODELS) as Batched[];
const REQUESTS = 1_000;
/** For busy machines; seconds on one of its own. */
const PATIENCE_MS = 120_000;
const TEST_MS = 300_000;

describe('the batch lane', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({
      queue: 'redis',
      roles: 'text-openai,text-claude,text-gemini,maintenance',
      worker: { batches: { maxRequests: 400, maxAgeMs: 1_000, pollMs: 100, doubtMs: 2_000 } },
    });
  });
  afterAll(() => fleet.stop());

  const ask = (provider: Batched, prompt: string, more: object = {}): Promise<TextHandle> =>
    fleet.aiCore.enqueueText({
      requestType: 'quiz',
      options: { max_tokens: 60 },
      provider,
      model: MODELS[provider],
      lane: 'batch',
      prompt,
      ...more,
    });

  const rows = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await fleet.database.pool.query<Row>(text, values)).rows;

  const billOf = (provider: ProviderName) => fleet.simulator.bill().filter((line) => line.provider === provider);

  /** What the provider's bill comes to, at our prices. */
  async function priceBill(provider: Batched): Promise<bigint> {
    const { prices } = await createSnapshotCache(fleet.database).get();
    const price = prices.find((known) => known.provider === provider && known.modelName === MODELS[provider] && known.effectiveTo === null);
    return billOf(provider).reduce((sum, line) => sum + (computeCost(line.usage, price ?? null).nanoUsd ?? 0n), 0n);
  }

  it(
    `settles ${REQUESTS} requests of each provider once, at exactly half the price, whatever comes back and in which order`,
    async () => {
      for (const provider of PROVIDERS) {
        for (const fault of ['batch-lost', 'batch-expire']) fleet.simulator.control().addFault({ provider, fault, times: 1 });
      }
      const asked = await Promise.all(
        PROVIDERS.flatMap((provider) =>
          Array.from({ length: REQUESTS }, async (_, n) => {
            // A line that fails once is called on its own; one that is refused for good fails for good.
            const mark = n % 100 === 3 ? ' [[fault:server?times=1]]' : n % 100 === 7 ? ' [[fault:context]]' : '';
            return { provider, mark, handle: await ask(provider, `Explain topic ${n} to a child${mark}`) };
          }),
        ),
      );
      const outcomes = await Promise.allSettled(asked.map(({ handle }) => handle.result({ timeoutMs: PATIENCE_MS })));
      const failed = outcomes.flatMap((outcome, n) =>
        outcome.status === 'rejected' ? [{ ...asked[n], reason: outcome.reason as { code: string } }] : [],
      );
      expect(failed.filter(({ reason }) => reason.code !== 'CONTEXT_TOO_LONG')).toEqual([]);
      expect(failed.every(({ mark }) => mark?.includes('context'))).toBe(true);
      expect(failed).toHaveLength(PROVIDERS.length * (REQUESTS / 100));

      await expect.poll(() => rows(`select id from ai_batch where state <> 'done'`), { timeout: PATIENCE_MS }).toEqual([]);
      const attempts = await rows<{
        provider: Batched;
        state: string;
        batched: boolean;
        cost: bigint;
        realtime: bigint | null;
        usage: Usage | null;
      }>(
        `select provider, state, batch_id is not null as batched, cost_nano_usd as cost, realtime_nano_usd as realtime, usage from ai_attempt`,
      );
      expect(attempts.filter(({ state }) => state !== 'billed' && state !== 'not_billed')).toEqual([]);
      for (const { batched, state, cost, realtime } of attempts) {
        if (batched && state === 'billed') expect(cost * 2n - (realtime ?? 0n)).toBeOneOf([0n, 1n]);
      }
      for (const provider of PROVIDERS) {
        const own = attempts.filter((attempt) => attempt.provider === provider);
        expect(own.filter(({ batched, state }) => batched && state === 'billed').length).toBeGreaterThan(REQUESTS / 2);
        expect(own.reduce((sum, { cost }) => sum + cost, 0n)).toBe(await priceBill(provider));
        // Nothing was bought twice: neither by a batch that was handed over again, nor by a line that was called on its own as well.
        expect(billOf(provider)).toHaveLength(REQUESTS - REQUESTS / 100);
        const shared = billOf(provider).filter(({ usage }) => usage.batch);
        expect(new Set(shared.map(({ attemptId }) => attemptId)).size).toBe(shared.length);
      }
      expect(await rows(`select ending from ai_batch where ending = 'expired'`)).toHaveLength(PROVIDERS.length);
      expect((await checkInvariants(fleet.database)).filter(({ broken }) => broken > 0)).toEqual([]);
    },
    TEST_MS,
  );

  it('gives the answer of a batch with its half price and what was saved, and its receipt adds up', async () => {
    const handle = await ask('openai', 'What does a receipt of a batch say?');
    const answer = await handle.result({ timeoutMs: PATIENCE_MS });
    expect(answer).toMatchObject({ source: 'batch', cached: false });
    const usage: Usage = { ...NO_USAGE, ...billOf('openai').at(-1)?.usage, batch: false };
    const { prices } = await createSnapshotCache(fleet.database).get();
    const price = prices.find((known) => known.provider === 'openai' && known.modelName === MODELS.openai) ?? null;
    const full = computeCost(usage, price).nanoUsd ?? 0n;
    expect([answer.costNanoUsd, (answer.costNanoUsd ?? 0n) + answer.savedNanoUsd]).toEqual([(full + 1n) / 2n, full]);
    const receipt = await getReceipt(fleet.database, handle.jobId ?? '');
    expect(receipt).toMatchObject({ paidNanoUsd: answer.costNanoUsd, differenceNanoUsd: 0n });
    expect(receipt?.rows[0]?.savings).toEqual([{ reason: 'batch', nanoUsd: answer.savedNanoUsd }]);
  });

  it('shares a request in a batch with later callers who may wait too, and calls it at once for one who may not', async () => {
    fleet.simulator.control().addFault({ provider: 'openai', fault: 'batch-slow?looks=6', times: 1 });
    const before = billOf('openai').length;
    const first = await ask('openai', 'Who shares this batch?');
    const second = await ask('openai', 'Who shares this batch?');
    expect(second).toMatchObject({ outcome: 'joined', jobId: first.jobId });
    await expect.poll(() => rows(`select id from ai_batch where state = 'running'`), { timeout: PATIENCE_MS }).toHaveLength(1);
    const hurried = await ask('openai', 'Who shares this batch?', { lane: 'interactive' });
    expect(hurried).toMatchObject({ outcome: 'joined', jobId: first.jobId });
    const answers = await Promise.all([first, second, hurried].map((handle) => handle.result({ timeoutMs: PATIENCE_MS })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ source }) => source).toSorted()).toEqual(['in_flight', 'in_flight', 'provider']);
    // The line that was left behind comes, is accounted for and changes nothing.
    await expect.poll(() => rows(`select id from ai_batch where state <> 'done'`), { timeout: PATIENCE_MS }).toEqual([]);
    const attempts = await rows<{ state: string; batched: boolean }>(
      `select state, batch_id is not null as batched from ai_attempt where job_id = $1 order by batched`,
      [first.jobId],
    );
    expect(attempts).toEqual([
      { state: 'billed', batched: false },
      { state: 'late', batched: true },
    ]);
    expect(billOf('openai')).toHaveLength(before + 2);
    const account = await rows<{ source: string }>('select source from ai_usage_log where job_id = $1 order by source', [first.jobId]);
    expect(account.map(({ source }) => source)).toEqual(['in_flight', 'in_flight', 'late', 'provider']);
  });

  it('hands a batch over again when the provider does not have it after all, and calls at once what a failed one had', async () => {
    const control = fleet.simulator.control();
    const before = control.batches('gemini').length;
    control.addFault({ provider: 'gemini', fault: 'server', times: 1 });
    control.addFault({ provider: 'gemini', fault: 'batch-fail', times: 1 });
    const handle = await ask('gemini', 'Who hands this over twice?');
    expect(await handle.result({ timeoutMs: PATIENCE_MS })).toMatchObject({ source: 'provider' });
    expect(control.batches('gemini')).toHaveLength(before + 1);
    const attempts = await rows<{ state: string; batched: boolean }>(
      'select state, batch_id is not null as batched from ai_attempt where job_id = $1 order by started_at',
      [handle.jobId],
    );
    expect(attempts).toEqual([
      { state: 'not_billed', batched: true },
      { state: 'billed', batched: false },
    ]);
  });

  it('is taken over HTTP by the lane or by a deadline of a day, and a job says that it waits for its batch', async () => {
    const gateway = await fleet.openGateway();
    const key = await fleet.makeKey('batches');
    const body = { request_type: 'quiz', options: { max_tokens: 40 }, wait_s: 0 };
    for (const [n, more] of [{ lane: 'batch' }, { deadline_s: 90_000 }].entries()) {
      const pending = await callHttp(`${gateway.url}/v1/text`, { key, body: { ...body, ...more, prompt: `Over HTTP ${n}` } });
      expect(pending).toMatchObject({ status: 202, body: { state: 'batched', waits_for: expect.stringContaining('batch') as string } });
      const done = await callHttp(`${gateway.url}${String(pending.body['status_url'])}&wait_s=60`, { key });
      expect(done).toMatchObject({ status: 200, body: { source: 'batch', cached: false } });
    }
  });
});
