import { computeCost } from '@ai-core/core';
import { checkInvariants, closeBatch, createSnapshotCache, listCollected, registerWorker } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const MODELS = { openai: 'gpt-6-luna', claude: 'claude-haiku-5-5', gemini: 'gemini-3.5-flash-lite' } as const;
const PROVIDERS = ['openai', 'claude', 'gemini'] as const;
const QUEUES = PROVIDERS.map((provider) => `text-${provider}`);
const REQUESTS = 150;
const PATIENCE = { timeout: 120_000, interval: 10 };
/** Five workers begin one after the other. */
const TEST_MS = 300_000;

describe('a batch whose worker is killed', () => {
  let fleet: Fleet;
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-batches-'));
  beforeAll(async () => {
    // It finds the dead and hands nothing over itself.
    fleet = await startFleet({ queue: 'postgres', roles: 'maintenance' });
  });
  afterAll(async () => {
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const startMortal = (name: string): Promise<Child> =>
    startWorkerProcess({
      databaseUrl: fleet.databaseUrl,
      roles: QUEUES.join(','),
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: path.join(folder, name),
      // Nothing is handed over a second time within the test because its doubt were over.
      batches: { maxAgeMs: 3_600_000, pollMs: 200, doubtMs: 3_600_000 },
    });

  async function kill(child: Child): Promise<void> {
    child.process.kill('SIGKILL');
    await child.ended;
  }

  const rows = async <Row extends object>(text: string): Promise<Row[]> => (await fleet.database.pool.query<Row>(text)).rows;
  const states = async (): Promise<string[]> =>
    (await rows<{ state: string }>('select state from ai_batch order by 1')).map(({ state }) => state);

  it(
    'at each step is gone on with by another one: nothing is lost, handed over twice, or settled twice',
    async () => {
      const first = await registerWorker({ url: fleet.databaseUrl, roles: QUEUES });
      const handles = await Promise.all(
        PROVIDERS.flatMap((provider) =>
          Array.from({ length: REQUESTS }, (_, n) =>
            fleet.aiCore.enqueueText({
              requestType: 'quiz',
              provider,
              model: MODELS[provider],
              lane: 'batch',
              prompt: `Topic ${n}`,
              options: { max_tokens: 40 },
            }),
          ),
        ),
      );

      // Killed between closing and handing over.
      for (const collected of await listCollected(fleet.database, QUEUES)) {
        await closeBatch(fleet.database, first.workerId(), { collected, limits: { requests: REQUESTS, bytes: 1e7 } });
      }
      await first.close();
      expect(await states()).toEqual(['submitting', 'submitting', 'submitting']);

      // Killed while the provider, which has taken the batch, is still answering.
      for (const provider of PROVIDERS) fleet.simulator.control().addFault({ provider, fault: 'slow?ms=60000&looks=4', times: 1 });
      const second = await startMortal('second');
      await expect.poll(() => PROVIDERS.map((provider) => fleet.simulator.control().batches(provider).length), PATIENCE).toEqual([1, 1, 1]);
      await kill(second);
      expect(await rows('select id from ai_batch where provider_batch_id is null and handed_over_at is not null')).toHaveLength(3);

      // Killed while the provider works on it.
      const third = await startMortal('third');
      await expect.poll(async () => (await states()).includes('submitting'), PATIENCE).toBe(false);
      await kill(third);

      // Killed while it is settled.
      const fourth = await startMortal('fourth');
      await expect.poll(() => rows('select from ai_batch_item where settled_at is not null limit 1'), PATIENCE).toHaveLength(1);
      await kill(fourth);

      await startMortal('fifth').then(async (fifth) => {
        await Promise.all(handles.map((handle) => handle.result({ timeoutMs: PATIENCE.timeout })));
        await expect.poll(states, PATIENCE).toEqual(['done', 'done', 'done']);
        await fifth.stop();
      });

      const bill = fleet.simulator.bill();
      expect(PROVIDERS.map((provider) => fleet.simulator.control().batches(provider).length)).toEqual([1, 1, 1]);
      expect(bill).toHaveLength(PROVIDERS.length * REQUESTS);
      const attempts = await rows<{ state: string; cost: bigint; realtime: bigint }>(
        'select state, cost_nano_usd as cost, realtime_nano_usd as realtime from ai_attempt',
      );
      expect(attempts).toHaveLength(PROVIDERS.length * REQUESTS);
      expect(new Set(attempts.map(({ state }) => state))).toEqual(new Set(['billed']));
      for (const { cost, realtime } of attempts) expect(cost * 2n - realtime).toBeOneOf([0n, 1n]);
      const { prices } = await createSnapshotCache(fleet.database).get();
      const billed = bill.reduce((sum, { provider, model, usage }) => {
        const price = prices.find((known) => known.provider === provider && known.modelName === model && known.effectiveTo === null);
        return sum + (computeCost(usage, price ?? null).nanoUsd ?? 0n);
      }, 0n);
      expect(attempts.reduce((sum, { cost }) => sum + cost, 0n)).toBe(billed);
      expect((await rows<{ n: bigint }>(`select count(*) as n from ai_usage_log where row_kind = 'request'`))[0]?.n).toBe(
        BigInt(handles.length),
      );
      expect((await checkInvariants(fleet.database)).filter(({ broken }) => broken > 0)).toEqual([]);
    },
    TEST_MS,
  );
});
