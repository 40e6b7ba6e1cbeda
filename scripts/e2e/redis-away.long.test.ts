/** Redis away for a minute, dead or deaf: what is remembered is answered, new work is accepted, and all of it is done afterwards. */
import { startRedis, type Redis } from '@ai-core/embedded';
import { AiCoreError } from '@ai-core/core';
import type { TextHandle } from '@ai-core/producer';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { percentile } from '../bench/bench.ts';
import { makeTestFolder } from '../test-services/test-folder.ts';
import { startFleet, type Fleet } from './fleet.ts';

const AWAY_MS = 60_000;
const BEFORE_MS = 5_000;
const HITS_PER_SECOND = 20;
const ADMISSIONS_PER_SECOND = 10;
const REMEMBERED = 20;
/** What callers allow: a hit is a look into the ledger, an acceptance one statement there and a queue that may say nothing. */
const HIT_DEADLINE_MS = 2_000;
const ADMISSION_DEADLINE_MS = 3_000;
const RESUME_DEADLINE_MS = 60_000;

interface Load {
  readonly hitsMs: number[];
  readonly admissionsMs: number[];
  readonly handles: TextHandle[];
  readonly failures: string[];
}

/** How Redis goes away, and how it comes back. */
interface Absence {
  readonly name: string;
  begin(redis: Redis): Promise<void>;
  end(redis: Redis, folder: string): Promise<Redis>;
}

const ABSENCES: readonly Absence[] = [
  {
    name: 'dead',
    begin: (redis) => redis.stop(),
    end: ({ port }, folder) => startRedis({ port, folder }),
  },
  {
    // The kernel still takes connections and bytes for it; nobody answers.
    name: 'deaf',
    begin: (redis) => Promise.resolve(void process.kill(redis.pid, 'SIGSTOP')),
    end: (redis) => Promise.resolve((process.kill(redis.pid, 'SIGCONT'), redis)),
  },
];

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(ABSENCES)('while Redis is $name for a minute', ({ name, begin, end }) => {
  const folder = makeTestFolder();
  let redis: Redis;
  let fleet: Fleet;
  beforeAll(async () => {
    redis = await startRedis({ folder });
    fleet = await startFleet({ queue: 'redis', redisUrl: redis.url });
  });
  afterAll(async () => {
    await fleet.stop();
    await redis.stop();
  });

  const remembered = (index: number) => ({ requestType: 'quiz', prompt: `remembered ${index % REMEMBERED}` });

  /** Sends hits and new work at their pace, whatever becomes of those before. @returns when the time is over and all have had a reply */
  async function runLoad(load: Load, ms: number): Promise<void> {
    const open: Promise<void>[] = [];
    const timed = (into: number[], work: () => Promise<unknown>): void => {
      const since = performance.now();
      open.push(
        work().then(
          () => void into.push(performance.now() - since),
          (error: unknown) => void load.failures.push(AiCoreError.from(error).message),
        ),
      );
    };
    const start = performance.now();
    for (let tick = 0; performance.now() - start < ms; tick++) {
      timed(load.hitsMs, async () => {
        const answer = await fleet.aiCore.generateText({ ...remembered(tick), timeoutMs: HIT_DEADLINE_MS });
        expect(answer.source).toBe('memory');
      });
      if (tick % (HITS_PER_SECOND / ADMISSIONS_PER_SECOND) === 0)
        timed(load.admissionsMs, async () => {
          const prompt = `new ${load.handles.length} ${tick} ${start}`;
          load.handles.push(await fleet.aiCore.enqueueText({ requestType: 'quiz', prompt }));
        });
      await sleep(1_000 / HITS_PER_SECOND);
    }
    await Promise.all(open);
  }

  it('hits and acceptances keep their deadlines, and all that was accepted is answered once Redis is back', async () => {
    for (let index = 0; index < REMEMBERED; index++) await fleet.aiCore.generateText({ ...remembered(index), timeoutMs: 20_000 });
    const load: Load = { hitsMs: [], admissionsMs: [], handles: [], failures: [] };
    await runLoad(load, BEFORE_MS);
    await begin(redis);
    const away: Load = { ...load, hitsMs: [], admissionsMs: [] };
    await runLoad(away, AWAY_MS);
    redis = await end(redis, folder);
    const back = performance.now();
    const answers = await Promise.all(load.handles.map((handle) => handle.result({ timeoutMs: RESUME_DEADLINE_MS })));
    const resumedMs = performance.now() - back;

    expect(load.failures).toEqual([]);
    expect(answers.every((answer) => answer.text.length > 0)).toBe(true);
    const accepted = load.handles.length;
    expect(accepted).toBeGreaterThan(((AWAY_MS + BEFORE_MS) / 1_000) * ADMISSIONS_PER_SECOND * 0.5);
    const { rows } = await fleet.database.pool.query<{ state: string; n: bigint }>(
      'select state, count(*) as n from ai_job group by state',
    );
    expect(rows).toEqual([{ state: 'done', n: BigInt(accepted + REMEMBERED) }]);
    expect(fleet.simulator.bill()).toHaveLength(accepted + REMEMBERED);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    expect(percentile(away.hitsMs, 1)).toBeLessThan(HIT_DEADLINE_MS);
    expect(percentile(away.admissionsMs, 1)).toBeLessThan(ADMISSION_DEADLINE_MS);
    const figures = (values: readonly number[]): string =>
      `p50 ${percentile(values, 0.5).toFixed(1)} p99 ${percentile(values, 0.99).toFixed(1)} max ${percentile(values, 1).toFixed(1)} ms`;
    process.stderr.write(
      `Redis ${name} for ${AWAY_MS / 1_000} s: ${away.hitsMs.length} hits ${figures(away.hitsMs)}; ` +
        `${away.admissionsMs.length} accepted ${figures(away.admissionsMs)}; ` +
        `all ${accepted} answered ${(resumedMs / 1_000).toFixed(1)} s after it was back, 0 lost\n`,
    );
  });
});
