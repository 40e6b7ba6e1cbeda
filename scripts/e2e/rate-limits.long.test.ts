/** What a vendor allows in a minute, held by three worker processes that know nothing of each other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

const WORKERS = 3;
const WINDOW_MS = 60_000;
const LIMITS = [
  { name: 'requests per minute', limits: { requestsPerMinute: 600 }, prompt: (n: number) => `Question ${n}`, most: 600 },
  // 200 tokens of prompt each, as the simulator counts before it answers.
  {
    name: 'tokens per minute',
    limits: { tokensPerMinute: 100_000 },
    prompt: (n: number) => `${n} ${'word '.repeat(198)}`,
    most: undefined,
  },
] as const;

describe.each(LIMITS)('$name', ({ limits, prompt, most }) => {
  let fleet: Fleet;
  const workers: Child[] = [];
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-limits-'));

  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    await fleet.database.pool.query(
      `update ai_provider_config set is_active = (provider, model_name) = ('openai', 'gpt-6-luna'), limits = $1 where kind = 'text'`,
      [JSON.stringify(limits)],
    );
    for (let index = 0; index < WORKERS; index++)
      workers.push(
        await startWorkerProcess({
          databaseUrl: fleet.databaseUrl,
          redisUrl: fleet.redisUrl,
          redisPrefix: fleet.redisPrefix,
          roles: TEXT_ROLES,
          access: simulatedAccess(fleet.simulator.baseUrls),
          spoolFolder: folder,
        }),
      );
    await fleet.worker.stop({ graceMs: 500 });
    fleet.simulator.control().setLatency({ latency: { fixedMs: 50 } });
    fleet.simulator.control().setLimits([{ provider: 'openai', ...limits }]);
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are never exceeded and used to at least 95 %', async () => {
    const enough = 900;
    for (let n = 0; n < enough; n++) await fleet.aiCore.enqueueText({ requestType: 'quiz', prompt: prompt(n) });
    const firstAt = fleet.simulator.control().calls()[0]?.at;
    expect(firstAt).toBeDefined();
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS + 2_000));
    const calls = fleet.simulator.control().calls();
    expect(calls.filter((call) => call.status === 429)).toEqual([]);
    const start = Date.parse(String(firstAt));
    const inWindow = calls.filter((call) => Date.parse(String(call.at)) - start < WINDOW_MS);
    if (most !== undefined) {
      expect(inWindow.length).toBeLessThanOrEqual(most);
      expect(inWindow.length).toBeGreaterThanOrEqual(most * 0.95);
    } else {
      const { rows } = await fleet.database.pool.query<{ tokens: number }>(
        `select sum((usage ->> 'inputTokens')::integer + (usage ->> 'outputTokens')::integer)::float8 as tokens
         from ai_attempt where state = 'billed' and started_at < $1::timestamptz + interval '60 seconds'`,
        [new Date(start)],
      );
      expect(rows[0]?.tokens).toBeLessThanOrEqual(limits.tokensPerMinute);
      expect(rows[0]?.tokens).toBeGreaterThanOrEqual(limits.tokensPerMinute * 0.95);
    }
  });
});
