import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AiCore } from '@ai-core/producer';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const SEEDS = 20;
const REQUESTS = 150;
const PROMPTS = 12;
const LONGEST_SLEEP_S = 0.008;
/** The poll that looks after lost hints runs each second; an answer much later than that, on a busy machine too, was lost. */
const LATEST_MS = 10_000;

/** A small seeded generator (mulberry32), so that a failing seed can be run again. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The ledger's functions with a random pause between their statements; not before an `if`, which may ask what the one before has found. */
function readSlowedFunctions(): string {
  const folder = path.join(path.dirname(createRequire(import.meta.url).resolve('@ai-core/store/testing')), 'functions');
  return readdirSync(folder)
    .filter((name) => /^(10|11|12|20|21|22|23|24)-/.test(name))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
    .replaceAll(/;\n(\s+)(?=(select|insert|update|perform|for)\b)/g, `;\n$1perform pg_sleep(random() * ${LONGEST_SLEEP_S});\n$1`);
}

describe('the protocol of admission, claim and settle under provoked races', () => {
  let fleet: Fleet;
  let producers: AiCore[];
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    await fleet.openWorker({ roles: 'text-openai,text-claude' });
    producers = [fleet.aiCore, await fleet.openAiCore(), await fleet.openAiCore()];
    await fleet.database.pool.query(readSlowedFunctions());
    await fleet.aiCore.generateText({ requestType: 'quiz', prompt: 'warm up', timeoutMs: 20_000 });
  });
  afterAll(() => fleet.stop());

  it.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
    'seed %i: one call per prompt, a row for every caller, nobody waits for a lost hint',
    async (seed) => {
      const random = createRandom(seed);
      const before = fleet.simulator.bill().length;
      fleet.simulator.control().setLatency({ latency: { fixedMs: Math.floor(random() * 40) } });
      const plan = Array.from({ length: REQUESTS }, () => ({
        prompt: Math.floor(random() * PROMPTS),
        afterMs: random() * 150,
        producer: Math.floor(random() * 3),
      }));
      const asked = new Set(plan.map((entry) => entry.prompt));
      const latencies = await Promise.all(
        plan.map(async ({ prompt, afterMs, producer }) => {
          await new Promise((resolve) => setTimeout(resolve, afterMs));
          const start = performance.now();
          await producers[producer]?.generateText({ requestType: 'quiz', prompt: `seed ${seed} prompt ${prompt}`, timeoutMs: 30_000 });
          return performance.now() - start;
        }),
      );
      expect(fleet.simulator.bill().length - before).toBe(asked.size);
      expect(Math.max(...latencies)).toBeLessThan(LATEST_MS);
    },
  );

  it('leaves a ledger without a gap: every caller has one row, every key one answer', async () => {
    await Promise.all(producers.map((producer) => producer.close()));
    const { rows } = await fleet.database.pool.query<{ requests: bigint; without: bigint; doubles: bigint }>(
      `select (select count(*) from ai_usage_log where row_kind = 'request') as requests,
         (select count(*) from ai_job_caller c where not exists (select from ai_usage_log u where u.id = c.id and u.at = c.requested_at)) as without,
         (select count(*) from (select 1 from ai_attempt group by job_id having count(*) > 1) d) as doubles`,
    );
    expect(rows[0]).toEqual({ requests: BigInt(SEEDS * REQUESTS + 1), without: 0n, doubles: 0n });
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
