import { AiCoreError } from '@ai-core/core';
import type { TextHandle } from '@ai-core/producer';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

for (const queue of ['redis', 'postgres'] as const) {
  describe(`callers and their jobs, queue on ${queue}`, () => {
    let fleet: Fleet;
    let question = 0;
    beforeAll(async () => {
      fleet = await startFleet({ queue });
    });
    afterAll(() => fleet.stop());
    beforeEach(() => callsTake(0));

    const ask = () => ({ requestType: 'quiz', prompt: `${queue} question ${question++}` });
    const callsTake = (fixedMs: number) => fleet.simulator.control().setLatency({ latency: { fixedMs } });
    const calls = () => fleet.simulator.control().calls().length;
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'answered',
        (error: unknown) => (AiCoreError.is(error) ? error.code : String(error)),
      );
    async function stateOf(jobId: string | null): Promise<string | undefined> {
      const { rows } = await fleet.database.pool.query<{ state: string }>('select state from ai_job where id = $1', [jobId]);
      return rows[0]?.state;
    }
    async function rowsOf(jobId: string | null): Promise<(readonly [string, string | null, boolean])[]> {
      const { rows } = await fleet.database.pool.query<{ source: string; error_code: string | null; cost: bigint | null }>(
        'select source, error_code, cost_nano_usd as cost from ai_usage_log where job_id = $1 order by row_kind desc, at, id',
        [jobId],
      );
      return rows.map((row) => [row.source, row.error_code, (row.cost ?? 0n) > 0n] as const);
    }
    /** Asks with calls that take a while, and returns when the provider has been called. */
    async function askSlowly(input: ReturnType<typeof ask>, latencyMs = 1_500): Promise<TextHandle> {
      callsTake(latencyMs);
      const before = calls();
      const handle = await fleet.aiCore.enqueueText(input);
      await expect.poll(calls, { timeout: 10_000 }).toBe(before + 1);
      return handle;
    }

    it('cancels the job of a caller who was alone; the answer under way is accounted for as late and not remembered', async () => {
      const input = ask();
      const handle = await askSlowly(input);
      const leaving = new AbortController();
      const left = codeOf(handle.result({ signal: leaving.signal }));
      leaving.abort();
      expect(await left).toBe('JOB_CANCELLED');
      expect(await stateOf(handle.jobId)).toBe('cancelled');
      expect(await codeOf(fleet.aiCore.result(handle.jobId ?? ''))).toBe('JOB_CANCELLED');
      await expect
        .poll(() => rowsOf(handle.jobId), { timeout: 10_000 })
        .toEqual([
          ['provider', 'JOB_CANCELLED', false],
          ['late', null, true],
        ]);
      callsTake(0);
      expect((await fleet.aiCore.generateText({ ...input, timeoutMs: 10_000 })).source).toBe('provider');
    });

    it('goes on for the others when one of several callers leaves, and the next one pays', async () => {
      const input = ask();
      const handle = await askSlowly(input);
      const other = await fleet.openAiCore();
      const joined = await other.enqueueText(input);
      expect(joined).toMatchObject({ outcome: 'joined', jobId: handle.jobId });
      const leaving = new AbortController();
      const left = codeOf(handle.result({ signal: leaving.signal }));
      const stayed = joined.result({ timeoutMs: 10_000 });
      leaving.abort();
      expect(await left).toBe('JOB_CANCELLED');
      expect(await stateOf(handle.jobId)).toBe('running');
      expect(await stayed).toMatchObject({ source: 'provider', cached: false });
      await other.close();
      expect(await rowsOf(handle.jobId)).toEqual([
        ['provider', 'JOB_CANCELLED', false],
        ['provider', null, true],
      ]);
    });

    it('says RESULT_NOT_READY at a caller’s own timeout while the work goes on, and has the answer later', async () => {
      const input = ask();
      callsTake(1_000);
      const error: unknown = await fleet.aiCore.generateText({ ...input, timeoutMs: 300 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'RESULT_NOT_READY' });
      const jobId = AiCoreError.is(error) ? (error.jobId ?? '') : '';
      expect(['queued', 'running']).toContain(await stateOf(jobId));
      const other = await fleet.openAiCore();
      const [answer, again] = await Promise.all([other.result(jobId), other.result(jobId)]);
      await other.close();
      expect(answer.text.length).toBeGreaterThan(0);
      expect(again.text).toBe(answer.text);
      expect(await rowsOf(jobId)).toEqual([['provider', null, true]]);
    });

    it('gives one handle’s answer to everyone who waits on it', async () => {
      callsTake(300);
      const handle = await fleet.aiCore.enqueueText(ask());
      const answers = await Promise.all([
        handle.result({ timeoutMs: 5_000 }),
        handle.result({ timeoutMs: 5_000 }),
        handle.result({ timeoutMs: 5_000 }),
      ]);
      expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    });

    it('tells every joined caller that the provider refuses, and those who ask within the minute without a call', async () => {
      const input = ask();
      callsTake(500);
      fleet.simulator.control().addFault({ fault: 'refusal', match: input.prompt });
      const before = calls();
      const handles = await Promise.all(Array.from({ length: 4 }, () => fleet.aiCore.enqueueText(input)));
      expect(new Set(handles.map((handle) => handle.jobId)).size).toBe(1);
      expect(await Promise.all(handles.map((handle) => codeOf(handle.result({ timeoutMs: 10_000 }))))).toEqual(
        Array(4).fill('PROVIDER_REFUSED'),
      );
      expect(await codeOf(fleet.aiCore.generateText({ ...input, timeoutMs: 5_000 }))).toBe('PROVIDER_REFUSED');
      expect(calls()).toBe(before + 1);
      fleet.simulator.control().clearFaults();
      // Four callers and the one after them at no cost, and the refusal, which was billed.
      const rows = await rowsOf(handles[0]?.jobId ?? null);
      expect(rows.filter(([, code]) => code === 'PROVIDER_REFUSED')).toHaveLength(6);
      expect(rows.filter(([, , costs]) => costs)).toHaveLength(1);
    });

    it('hands the job of a worker that stops in the middle of a call to another one, who answers', async () => {
      // Longer than starting the second worker takes on a busy machine.
      const handle = await askSlowly(ask(), 60_000);
      callsTake(0);
      const second = await fleet.openWorker();
      const answer = handle.result({ timeoutMs: 15_000 });
      await fleet.worker.stop({ graceMs: 50 });
      expect((await answer).text.length).toBeGreaterThan(0);
      const { rows } = await fleet.database.pool.query<{ worker_id: string; state: string }>(
        'select worker_id, state from ai_attempt where job_id = $1 order by started_at',
        [handle.jobId],
      );
      expect(rows).toHaveLength(2);
      expect(['unknown', 'not_billed']).toContain(rows[0]?.state);
      expect(rows[1]).toEqual({ worker_id: second.workerId(), state: 'billed' });
      const job = await fleet.database.pool.query<{ attempts: number; crash_count: number }>(
        'select attempts, crash_count from ai_job where id = $1',
        [handle.jobId],
      );
      expect(job.rows[0]).toEqual({ attempts: 1, crash_count: 0 });
    });

    it('leaves a ledger without a gap', async () => {
      await fleet.aiCore.close();
      // What has just ended is given a few seconds by the invariants.
      await fleet.database.pool.query(`update ai_job set finished_at = finished_at - interval '20 s'`);
      await fleet.database.pool.query(`update ai_attempt set finished_at = finished_at - interval '20 s'`);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
