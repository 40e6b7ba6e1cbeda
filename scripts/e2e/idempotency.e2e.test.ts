import { randomUUID } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';
import type { TextHandle } from '@ai-core/producer';
import { checkInvariants } from '@ai-core/store';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis' });
});
afterAll(() => fleet.stop());

let question = 0;
const ask = (changes: object = {}) => ({
  requestType: 'quiz',
  prompt: `idempotent question ${question++}`,
  idempotencyKey: randomUUID() as string,
  ...changes,
});

async function count(text: string, ...values: unknown[]): Promise<number> {
  const { rows } = await fleet.database.pool.query<{ n: bigint }>(`select count(*) as n from ${text}`, values);
  return Number(rows[0]?.n ?? 0n);
}
/** Removes an answer as a deletion on request does: the memory row, and what the jobs hold of it. */
async function forget(memoryId: string | null): Promise<void> {
  await fleet.database.pool.query(`update ai_job set memory_id = null, answer = '{}' where memory_id = $1`, [memoryId]);
  await fleet.database.pool.query('delete from ai_memory where id = $1', [memoryId]);
}
const rowsOf = (handle: TextHandle) => count('ai_usage_log where job_id = $1', handle.jobId);
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: unknown) => (AiCoreError.is(error) ? error.code : String(error)),
  );

describe('an idempotency key', () => {
  it('makes 50 concurrent requests of two processes one request: one call, one usage row, one answer', async () => {
    const other = await fleet.openAiCore();
    const input = ask({ cache: 'bypass', timeoutMs: 20_000 });
    const before = { bill: fleet.simulator.bill().length, rows: await count('ai_usage_log') };
    fleet.simulator.control().setLatency({ latency: { fixedMs: 300 } });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? fleet.aiCore : other).generateText(input)));
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(new Set(answers.map((answer) => `${answer.jobId} ${answer.text}`)).size).toBe(1);
    expect(fleet.simulator.bill()).toHaveLength(before.bill + 1);
    expect(await count('ai_usage_log')).toBe(before.rows + 1);
    expect(await count('ai_job_caller where job_id = $1', answers[0]?.jobId)).toBe(1);
  });

  it('gives the same job again whatever the cache mode, also to another process later', async () => {
    for (const cache of ['use', 'refresh', 'bypass'] as const) {
      const input = ask({ cache });
      const first = await fleet.aiCore.enqueueText(input);
      const answer = await first.result();
      const calls = fleet.simulator.bill().length;
      const other = await fleet.openAiCore();
      const again = await other.enqueueText(input);
      expect(again).toMatchObject({ outcome: 'replayed', jobId: first.jobId, requestId: first.requestId });
      expect(await again.result()).toMatchObject({ text: answer.text, costNanoUsd: answer.costNanoUsd, source: 'provider' });
      await other.close();
      expect(fleet.simulator.bill()).toHaveLength(calls);
      expect(await rowsOf(first)).toBe(1);
    }
  });

  it('gives the same remembered answer again, counted once', async () => {
    const { idempotencyKey, ...plain } = ask();
    const bought = await fleet.aiCore.generateText(plain);
    const client = await fleet.openAiCore();
    const first = await client.enqueueText({ ...plain, idempotencyKey });
    expect(first).toMatchObject({ outcome: 'hit', memoryId: bought.memoryId });
    // A newer answer is current; the key stands for the one that was given.
    await client.generateText({ ...plain, cache: 'refresh' });
    const again = await client.enqueueText({ ...plain, idempotencyKey });
    expect(again).toMatchObject({ outcome: 'replayed', memoryId: bought.memoryId });
    expect((await again.result()).text).toBe(bought.text);
    await client.close();
    expect(await count(`ai_usage_log where memory_id = $1 and source = 'memory'`, bought.memoryId)).toBe(1);
    await forget(bought.memoryId);
    expect(await code(fleet.aiCore.enqueueText({ ...plain, idempotencyKey }))).toBe('NOT_FOUND');
  });

  it('says NOT_FOUND for an answer of a job that has been forgotten, and for a job that is gone', async () => {
    const input = ask();
    const first = await fleet.aiCore.enqueueText(input);
    const { memoryId } = await first.result();
    await forget(memoryId);
    expect(await code(fleet.aiCore.generateText(input))).toBe('NOT_FOUND');
    await fleet.database.pool.query('with gone as (delete from ai_job_caller where job_id = $1) delete from ai_job where id = $1', [
      first.jobId,
    ]);
    expect(await code(fleet.aiCore.generateText(input))).toBe('NOT_FOUND');
  });

  it('refuses a different request with IDEMPOTENCY_CONFLICT, and is no business of other callers', async () => {
    const input = ask();
    await fleet.aiCore.generateText(input);
    expect(await code(fleet.aiCore.generateText({ ...input, prompt: 'something else' }))).toBe('IDEMPOTENCY_CONFLICT');
    expect(await code(fleet.aiCore.generateText({ ...input, user: 7 }))).toBe('IDEMPOTENCY_CONFLICT');
    const other = await fleet.openAiCore({ caller: 'another backend' });
    const handle = await other.enqueueText({ ...input, prompt: `something else ${randomUUID()}` });
    expect(handle.outcome).toBe('created');
    await handle.result();
    await other.close();
  });

  it.each([
    ['an empty key', ''],
    ['a key of 256 characters', 'k'.repeat(256)],
    ['a key with a line break', 'a\nb'],
    ['a key beyond ASCII', 'clé'],
  ])('refuses %s', async (_, idempotencyKey) => {
    expect(await code(fleet.aiCore.enqueueText(ask({ idempotencyKey })))).toBe('REQUEST_INVALID');
  });

  it('is free again after a request that was refused, and after one that was taken back', async () => {
    const input = ask({ provider: 'openai', model: 'gpt-99' });
    expect(await code(fleet.aiCore.generateText(input))).toBe('MODEL_UNKNOWN');
    expect(await count('ai_idempotency where key = $1', input.idempotencyKey)).toBe(0);

    const slow = ask();
    fleet.simulator.control().setLatency({ latency: { fixedMs: 400 } });
    const first = await fleet.aiCore.enqueueText(slow);
    expect(await code(first.result({ signal: AbortSignal.abort() }))).toBe('JOB_CANCELLED');
    const second = await fleet.aiCore.enqueueText(slow);
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(second.outcome).toBe('created');
    expect((await second.result()).text.length).toBeGreaterThan(0);
  });

  it('is free again after its 7 days', async () => {
    const input = ask({ cache: 'bypass' });
    const first = await fleet.aiCore.enqueueText(input);
    await first.result();
    await fleet.database.pool.query(`update ai_idempotency set expires_at = clock_timestamp() where key = $1`, [input.idempotencyKey]);
    const second = await fleet.aiCore.enqueueText({ ...input, prompt: 'another request by now' });
    expect(second.outcome).toBe('created');
    await second.result();
  });

  it('outlives the loss of everything in Redis', async () => {
    const input = ask({ cache: 'bypass' });
    const first = await fleet.aiCore.enqueueText(input);
    const { text } = await first.result();
    const redis = new Redis(inject('redisUrl'));
    const keys = await redis.keys(`${fleet.redisPrefix}*`);
    expect(keys.length).toBeGreaterThan(0);
    await redis.del(keys);
    redis.disconnect();
    const calls = fleet.simulator.bill().length;
    expect(await (await fleet.aiCore.enqueueText(input)).result()).toMatchObject({ jobId: first.jobId, text });
    expect(fleet.simulator.bill()).toHaveLength(calls);
  });
});

describe('a process that dies between claiming a key and noting what became of it', () => {
  const strand = (key: string, age: string) =>
    fleet.database.pool.query(
      `update ai_idempotency set status = 'open', job_id = null, memory_id = null, created_at = clock_timestamp() - $2::interval where key = $1`,
      [key, age],
    );

  it('has its request found in the ledger at once when it had got there', async () => {
    const input = ask({ cache: 'bypass' });
    const first = await fleet.aiCore.enqueueText(input);
    await strand(input.idempotencyKey, '0 s');
    const again = await fleet.aiCore.enqueueText(input);
    expect(again).toMatchObject({ outcome: 'replayed', jobId: first.jobId });
    await again.result();
    expect(await rowsOf(first)).toBe(1);
  });

  it('blocks the key for 30 s and no longer when its request had not got there', async () => {
    const input = ask({ cache: 'bypass' });
    const gone = await fleet.aiCore.enqueueText(input);
    await gone.result();
    await fleet.database.pool.query('update ai_idempotency set usage_id = $2 where key = $1', [input.idempotencyKey, randomUUID()]);
    await strand(input.idempotencyKey, '29.5 s');
    const start = performance.now();
    const handle = await fleet.aiCore.enqueueText(input);
    expect(performance.now() - start).toBeGreaterThan(300);
    expect(handle.outcome).toBe('created');
    expect(handle.jobId).not.toBe(gone.jobId);
    await handle.result();
  });
});

it('leaves a ledger without a gap', async () => {
  await fleet.aiCore.close();
  // What has just ended is given a few seconds by the invariants.
  await fleet.database.pool.query(`update ai_job set finished_at = finished_at - interval '20 s'`);
  await fleet.database.pool.query(`update ai_attempt set finished_at = finished_at - interval '20 s'`);
  expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
});
