/** Limits of a model over the whole fleet: what a bucket lets through, how the rest waits, and what comes back to it. */
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Limits } from '@ai-core/core';
import type { Claim } from './claim.ts';
import { createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeEach(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterEach(() => ledger.close());

async function limit(limits: Limits): Promise<void> {
  await ledger.query(
    `insert into ai_provider_config (provider, model_name, kind, tier, limits) values ('openai', 'first', 'text', 'cheap', $1)`,
    [JSON.stringify(limits)],
  );
}

async function claimNew(): Promise<{ jobId: string; claim: Claim }> {
  const admission = await ledger.admit();
  return { jobId: jobOf(admission), claim: await ledger.worker.claim(dispatchOf(admission)) };
}

async function attemptsOf(jobId: string): Promise<number> {
  const [row] = await ledger.query<{ attempts: number }>('select attempts from ai_job where id = $1', [jobId]);
  return row?.attempts ?? -1;
}

/** Lets the bucket be as if its last use were so many seconds ago. */
async function pass(seconds: number): Promise<void> {
  await ledger.query('update ai_rate_bucket set refilled_at = refilled_at - make_interval(secs => $1)', [seconds]);
}

describe('requests per minute', () => {
  it('let the store through and send the rest back with places in a line, one slot apart, without an attempt', async () => {
    await limit({ requestsPerMinute: 60 });
    const claims = [];
    for (let n = 0; n < 3; n++) claims.push(await claimNew());
    expect(claims.map(({ claim }) => claim.outcome)).toEqual(['claimed', 'refused', 'refused']);
    const waits = claims.slice(1).map(({ claim }) => claim.next[0]?.delayMs ?? 0);
    // 60 a minute at 96 %: one each 1.042 s.
    expect(waits[0]).toBeLessThanOrEqual(1_050);
    expect((waits[1] ?? 0) - (waits[0] ?? 0)).toBeGreaterThan(900);
    for (const { jobId } of claims.slice(1)) expect(await attemptsOf(jobId)).toBe(0);
  });

  it('let those that come back go before new ones', async () => {
    await limit({ requestsPerMinute: 60 });
    await claimNew();
    const waiting = await claimNew();
    await ledger.query(
      "update ai_job set run_after = clock_timestamp() + interval '1 millisecond', dispatched_at = clock_timestamp() where id = $1",
      [waiting.jobId],
    );
    await pass(1.1);
    expect((await claimNew()).claim.outcome).toBe('refused');
    const [dispatch] = waiting.claim.next;
    expect(dispatch).toBeDefined();
    if (dispatch !== undefined) expect((await ledger.worker.claim(dispatch)).outcome).toBe('claimed');
  });

  it('never let more through than the rate and the store, by however many workers', async () => {
    await limit({ requestsPerMinute: 600 });
    const other = await ledger.openWorker();
    const clock = async (): Promise<number> =>
      (await ledger.query<{ now: number }>('select extract(epoch from clock_timestamp())::float8 as now'))[0]?.now ?? Number.NaN;
    let claimed = 0;
    const start = await clock();
    for (let step = 0; step < 20; step++) {
      const admissions = await Promise.all(Array.from({ length: 10 }, () => ledger.admit()));
      // New ones only: places in the line are left to those that come back, of whom there are none here.
      const claims = await Promise.all(
        admissions.map(async (admission, n) => {
          await ledger.query('update ai_rate_bucket set line_end = clock_timestamp()');
          return (n % 2 === 0 ? other : ledger.worker).claim(dispatchOf(admission));
        }),
      );
      claimed += claims.filter((claim) => claim.outcome === 'claimed').length;
      await pass(0.5);
    }
    const seconds = 10 + (await clock()) - start;
    expect(claimed).toBeLessThanOrEqual(9 + 9.6 * seconds + 1);
    // How close to the limit a fleet comes is for the long test: here refusals lengthen the line between two claims.
    expect(claimed).toBeGreaterThan(9);
  });
});

describe('a line', () => {
  it('is waited in until there is room, and then looked at again within three seconds', async () => {
    await limit({ requestsPerMinute: 6 });
    await claimNew();
    for (let n = 0; n < 5; n++) {
      // Ten seconds until there is room: nobody looks before that.
      const { claim } = await claimNew();
      expect(claim.next[0]?.delayMs).toBeLessThanOrEqual(10_500);
      expect(claim.next[0]?.delayMs).toBeGreaterThan(8_000);
    }
  });
});

describe('tokens per minute', () => {
  it('are reserved by an estimate and settled with what was used', async () => {
    await limit({ tokensPerMinute: 60_000 });
    const { claim } = await claimNew();
    if (claim.outcome !== 'claimed') throw new Error('the first call had no room');
    const tokens = async (): Promise<number> =>
      (await ledger.query<{ tokens: number }>('select tokens from ai_rate_bucket'))[0]?.tokens ?? Number.NaN;
    // 10 characters of prompt and a middling answer.
    expect(await tokens()).toBe(900 - 504);
    await ledger.worker.answer(claim.job);
    expect(await tokens()).toBe(900 - 150);
  });

  it('send a call back until its tokens are there', async () => {
    await limit({ tokensPerMinute: 6_000 });
    expect((await claimNew()).claim.outcome).toBe('claimed');
    const { claim } = await claimNew();
    expect(claim.outcome).toBe('refused');
    expect(claim.next[0]?.delayMs).toBeGreaterThan(3_000);
  });
});

describe('concurrency', () => {
  it('counts running jobs of the whole fleet, and an answer makes room', async () => {
    await limit({ concurrency: 2 });
    const other = await ledger.openWorker();
    const first = await ledger.worker.take(await ledger.admit());
    await other.take(await ledger.admit());
    expect((await claimNew()).claim.outcome).toBe('refused');
    await ledger.worker.answer(first);
    expect((await claimNew()).claim.outcome).toBe('claimed');
    await ledger.assertSound();
  });
});

describe('daily spend', () => {
  it('is reserved with the most a call can cost, settled with what it did, and sends jobs elsewhere when it is used up', async () => {
    // Two calls of at most 5,000,000; each comes to 1,500,000.
    await limit({ dailySpendNanoUsd: '10000000' });
    const first = await claimNew();
    await claimNew();
    const third = await claimNew();
    expect(third.claim.outcome).toBe('refused');
    expect(third.claim.next).toMatchObject([{ queue: 'text-claude' }]);
    if (first.claim.outcome === 'claimed') await ledger.worker.answer(first.claim.job);
    expect((await claimNew()).claim.outcome).toBe('refused');
    await ledger.query('update ai_rate_bucket set day = day - 1');
    expect((await claimNew()).claim.outcome).toBe('claimed');
  });
});
