import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkInvariants } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const OPENAI = { provider: 'openai', model: 'gpt-6-luna' } as const;
const LONG = { timeout: 30_000, interval: 100 };

describe('a worker that is frozen for longer than its lease', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-frozen-'));
  let fleet: Fleet;
  const children: Child[] = [];
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance' });
  });
  afterAll(async () => {
    for (const child of children) {
      child.process.kill('SIGCONT');
      child.process.kill('SIGKILL');
      await child.ended;
    }
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openWorker(name: string): Promise<Child> {
    const { databaseUrl, redisUrl, redisPrefix } = fleet;
    const child = await startWorkerProcess({
      databaseUrl,
      redisUrl,
      redisPrefix,
      roles: 'text-openai',
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: path.join(folder, name),
    });
    children.push(child);
    return child;
  }

  it('has its job done by another, and what it brings when it wakes is accounted for and changes nothing', async () => {
    const frozen = await openWorker('frozen');
    const control = fleet.simulator.control();
    control.addFault({ match: 'takes a while', fault: 'slow?ms=2000', times: 1 });
    const ask = (prompt: string) => fleet.aiCore.generateText({ requestType: 'quiz', prompt, timeoutMs: 60_000, ...OPENAI });
    const answer = ask('this takes a while');
    await expect.poll(() => control.calls().length, LONG).toBe(1);
    frozen.process.kill('SIGSTOP');
    await openWorker('awake');
    const { text, jobId } = await answer;
    expect(text).not.toBe('');

    frozen.process.kill('SIGCONT');
    const attempts = async () => {
      const { rows } = await fleet.database.pool.query<{ state: string }>('select state from ai_attempt where job_id = $1 order by state', [
        jobId,
      ]);
      return rows.map((row) => row.state);
    };
    await expect.poll(attempts, LONG).toEqual(['billed', 'late']);
    const { rows } = await fleet.database.pool.query<{ text: string }>('select generated_text as text from ai_memory where job_id = $1', [
      jobId,
    ]);
    expect(rows).toEqual([{ text }]);
    expect(fleet.simulator.bill()).toHaveLength(2);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);

    // It has registered again and takes work.
    await children[1]?.stop();
    expect((await ask('this is for the one that woke')).text).not.toBe('');
  });
});
