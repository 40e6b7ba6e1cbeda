import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkInvariants, checkRollUp } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { startChild, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const HOUR_MS = 3_600_000;
const OPENAI = { provider: 'openai', model: 'gpt-6-luna' } as const;

describe('a worker whose clock is wrong', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-clock-'));
  let fleet: Fleet;
  let child: Child | undefined;
  afterEach(async () => {
    await child?.stop();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['three days ahead', 72 * HOUR_MS],
    ['two hours behind', -2 * HOUR_MS],
  ])('(%s) works as any other: nothing expires, nothing is taken from it, and its rows have the time of the ledger', async (_, shiftMs) => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance' });
    const { databaseUrl, redisUrl, redisPrefix } = fleet;
    const options = {
      databaseUrl,
      redisUrl,
      redisPrefix,
      roles: 'text-openai',
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: path.join(folder, 'spool'),
    };
    child = await startChild('./skewed-worker-process.ts', [JSON.stringify(options), String(shiftMs)]);
    const ask = (prompt: string) => fleet.aiCore.generateText({ requestType: 'quiz', prompt, deadlineS: 60, timeoutMs: 30_000, ...OPENAI });

    await Promise.all(['one', 'two', 'three'].map((word) => ask(`question ${word}`)));
    // Comes back to the queue with a delay, and through it.
    fleet.simulator.control().addFault({ match: 'comes back', fault: 'rate-limit?retry-after=1', times: 1 });
    await ask('this one comes back');

    const { rows } = await fleet.database.pool.query<{ row_kind: string; late_s: number }>(
      `select row_kind, abs(extract(epoch from clock_timestamp() - at))::float8 as late_s from ai_usage_log`,
    );
    expect(rows.map((row) => row.row_kind)).toEqual(['request', 'request', 'request', 'request']);
    expect(Math.max(...rows.map((row) => row.late_s))).toBeLessThan(300);
    const dead = await fleet.database.pool.query('select 1 from ai_worker where dead_at is not null');
    expect(dead.rowCount).toBe(0);
    const attempts = await fleet.database.pool.query<{ state: string }>('select state from ai_attempt order by state');
    expect(attempts.rows.map((row) => row.state)).toEqual(['billed', 'billed', 'billed', 'billed', 'not_billed']);
    expect(fleet.simulator.bill()).toHaveLength(4);
    expect((await checkRollUp(fleet.database)).differences).toEqual([]);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
