import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AiCoreError } from '@ai-core/core';
import { checkInvariants, listBudgets, setBudget, type Budget } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

const REQUESTS = 1_000;
const CALLS_WORTH = 100;

describe('a budget', () => {
  let fleet: Fleet;
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-budgets-'));
  const alerts: unknown[] = [];
  const silent = (): void => undefined;
  beforeAll(async () => {
    const warn = (fields: object, message: string): void => void (message.includes('budget') && alerts.push(fields));
    fleet = await startFleet({ queue: 'redis', worker: { log: { debug: silent, info: silent, warn, error: silent } } });
  });
  afterAll(async () => {
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const quiz = { requestType: 'quiz', options: { max_tokens: 50 } } as const;
  const set = (limitNanoUsd: bigint | null, onExceed: 'refuse' | 'park' = 'refuse') =>
    setBudget(fleet.database, {
      simulated: true,
      scope: 'global',
      subject: '',
      period: 'day',
      limitNanoUsd,
      onExceed,
      alertPercents: [50],
      actor: 'test',
    });
  const budget = async (): Promise<Budget> => {
    const [found] = await listBudgets(fleet.database);
    if (found === undefined) throw new Error('there is no budget');
    return found;
  };
  const startWorker = (number: number): Promise<Child> =>
    startWorkerProcess({
      databaseUrl: fleet.databaseUrl,
      redisUrl: fleet.redisUrl,
      redisPrefix: fleet.redisPrefix,
      roles: TEXT_ROLES,
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: path.join(folder, String(number)),
    });

  /** Asks for as many different texts at once. @returns how many were answered, and the codes of the others */
  async function askMany(count: number, mark: string): Promise<{ answered: number; codes: string[] }> {
    const results = await Promise.allSettled(
      Array.from({ length: count }, (_, index) => fleet.aiCore.generateText({ ...quiz, prompt: `${mark} ${index}`, timeoutMs: 90_000 })),
    );
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [AiCoreError.from(result.reason).code] : []));
    return { answered: results.length - codes.length, codes };
  }

  /** What one such call costs, and the most it could. */
  async function measureCall(): Promise<{ costNanoUsd: bigint; mostNanoUsd: bigint }> {
    await fleet.aiCore.generateText({ ...quiz, prompt: 'measured 000' });
    const { rows } = await fleet.database.pool.query<{ cost: bigint; most: bigint }>(
      'select cost_nano_usd as cost, max_cost_nano_usd as most from ai_attempt order by started_at desc limit 1',
    );
    return { costNanoUsd: rows[0]?.cost ?? 0n, mostNanoUsd: rows[0]?.most ?? 0n };
  }

  it(`worth ${CALLS_WORTH} calls lets ${REQUESTS} requests at once spend no more, refuses none below it, also when a worker is killed`, async () => {
    const { costNanoUsd, mostNanoUsd } = await measureCall();
    const spentBefore = (await set(0n))?.spentNanoUsd ?? 0n;
    const limit = spentBefore + costNanoUsd * BigInt(CALLS_WORTH);
    await set(limit);
    const mortal = await startWorker(1);
    fleet.simulator.control().setLatency({ latency: { fixedMs: 40 } });
    const asked = askMany(REQUESTS, 'budgeted');
    await expect.poll(() => fleet.simulator.bill().length, { timeout: 30_000, interval: 20 }).toBeGreaterThan(20);
    mortal.process.kill('SIGKILL');
    await mortal.ended;
    const { answered, codes } = await asked;
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });

    expect(new Set(codes)).toEqual(new Set(['BUDGET_EXCEEDED']));
    const after = await budget();
    // Held is only what died with the worker, at its most.
    expect(after.spentNanoUsd + after.heldNanoUsd).toBeLessThanOrEqual(limit);
    // What is left would not have paid for one more call at its most.
    expect(after.spentNanoUsd + after.heldNanoUsd + mostNanoUsd).toBeGreaterThan(limit);
    const { rows } = await fleet.database.pool.query<{ id: string }>('select id from ai_attempt where budgets is not null');
    const counted = new Set(rows.map((row) => row.id));
    expect(fleet.simulator.bill().filter((line) => !counted.has(line.attemptId ?? ''))).toEqual([]);
    expect(answered).toBeGreaterThan(CALLS_WORTH / 2);
    expect((await checkInvariants(fleet.database)).filter((invariant) => invariant.broken > 0)).toEqual([]);
    await expect.poll(() => alerts).toMatchObject([{ budget: 'global:day', percent: 50 }]);
  });

  it('that parks keeps requests until there is money again', async () => {
    await set((await budget()).spentNanoUsd, 'park');
    const asked = fleet.aiCore.generateText({ ...quiz, prompt: 'parked for a while', timeoutMs: 60_000 });
    await expect
      .poll(async () => (await fleet.database.pool.query(`select 1 from ai_job where state = 'parked'`)).rowCount, { timeout: 20_000 })
      .toBe(1);
    await set(null);
    expect((await asked).source).toBe('provider');
  });
});
