/** Nobody waits for ever: what has waited too long gets a share of its queue, whatever else comes in. */
import fc from 'fast-check';
import type { Dispatch } from '@ai-core/core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AdmissionRequest } from './admission.ts';
import { bringForward } from './sweep.ts';
import { createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

const QUEUE = 'text-openai';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
afterEach(() => ledger.assertSound());

/** A queue as BullMQ orders one: the front last come first, then by priority, then by arrival. */
function createQueue() {
  const front: Dispatch[] = [];
  const rest: Dispatch[] = [];
  return {
    add(dispatch: Dispatch | null): void {
      if (dispatch?.front === true) front.unshift(dispatch);
      else if (dispatch !== null) rest.push(dispatch);
    },
    take(): Dispatch | undefined {
      const first = front.shift();
      if (first !== undefined) return first;
      const best = rest.reduce((least, entry) => Math.min(least, entry.priority), Infinity);
      const index = rest.findIndex((entry) => entry.priority === best);
      return index < 0 ? undefined : rest.splice(index, 1)[0];
    },
  };
}

const anyJob = fc.record({
  caller: fc.constantFrom('crowd', 'few'),
  lane: fc.constantFrom('interactive' as const, 'batch' as const),
  priority: fc.integer({ min: 0, max: 9 }),
});

async function admit(changes: Partial<AdmissionRequest>) {
  const admission = await ledger.admit({ dispatchWindow: 4, ...changes });
  return { jobId: jobOf(admission), dispatch: admission.outcome === 'created' ? admission.dispatch : null };
}

/** Runs the best entry of the queue, as a worker would. @returns its job, if there was one */
async function workOne(queue: ReturnType<typeof createQueue>): Promise<string | undefined> {
  for (let entry = queue.take(); entry !== undefined; entry = queue.take()) {
    const claim = await ledger.worker.claim(entry);
    for (const next of claim.next) queue.add(next);
    if (claim.outcome !== 'claimed') continue;
    await ledger.worker.answer(claim.job);
    return claim.job.jobId;
  }
  return undefined;
}

const TICK_EVERY = 3;

describe('a queue that somebody saturates', () => {
  it('works off every job of every lane, priority and caller, and keeps the rest of its time for those who come first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJob, { minLength: 8, maxLength: 12 }), async (jobs) => {
        const queue = createQueue();
        const waiting = new Set<string>();
        for (const job of jobs) {
          const { jobId, dispatch } = await admit(job);
          queue.add(dispatch);
          waiting.add(jobId);
        }
        let [rounds, served] = [0, 0];
        // One is done in each round, and a more urgent one comes in: those that wait never get their turn by rank.
        for (; waiting.size > 0 && rounds < jobs.length * TICK_EVERY * 3; rounds++) {
          const urgent = await admit({ caller: 'urgent', dispatchWindow: 1_000 });
          queue.add(urgent.dispatch);
          if (rounds % TICK_EVERY === 0) for (const dispatch of await bringForward(ledger.database, 0)) queue.add(dispatch);
          const done = await workOne(queue);
          if (done !== undefined && !waiting.delete(done)) served += 1;
        }
        expect(waiting.size).toBe(0);
        expect(served).toBeGreaterThanOrEqual(Math.floor((rounds * (TICK_EVERY - 1)) / TICK_EVERY) - jobs.length);
        while ((await workOne(queue)) !== undefined);
      }),
      { numRuns: 4 },
    );
  });

  it('gives the oldest a tenth of its places, one at least, and no more until they have been called', async () => {
    const crowd = [];
    for (let n = 0; n < 8; n++) crowd.push(await admit({ caller: 'patient', lane: 'batch', dispatchWindow: 2 }));
    const [first, ...more] = await bringForward(ledger.database, 0);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ jobId: crowd[0]?.jobId, queue: QUEUE, front: true });
    expect(await bringForward(ledger.database, 0)).toEqual([]);

    const running = [];
    for (let n = 0; n < 30; n++) running.push(await ledger.worker.take(await ledger.admit({ caller: 'busy' })));
    const brought = await bringForward(ledger.database, 0);
    expect(brought.map((dispatch) => dispatch.jobId)).toEqual([crowd[1]?.jobId, crowd[2]?.jobId]);
    for (const job of running) await ledger.worker.answer(job);
  });

  it('leaves alone what has not waited long, and what waits for a time of its own', async () => {
    await ledger.query(`update ai_job set aged_at = null where state = 'queued'`);
    expect(await bringForward(ledger.database, 60_000)).toEqual([]);
    await ledger.query(`update ai_job set run_after = clock_timestamp() + interval '1 hour', dispatched_at = coalesce(dispatched_at, clock_timestamp())
      where state = 'queued'`);
    expect(await bringForward(ledger.database, 0)).toEqual([]);
  });
});

describe('the window of a caller', () => {
  it('is one for each lane: its people do not wait behind its own bulk work', async () => {
    for (let n = 0; n < 6; n++) await admit({ caller: 'backend', lane: 'batch', dispatchWindow: 2 });
    const urgent = await ledger.admit({ caller: 'backend', dispatchWindow: 2 });
    expect(dispatchOf(urgent).jobId).toBe(jobOf(urgent));
    const claim = await ledger.worker.claim(dispatchOf(urgent));
    // The claim of an interactive job lets no batch job in.
    expect(claim.next).toEqual([]);
    if (claim.outcome === 'claimed') await ledger.worker.answer(claim.job);
  });
});
