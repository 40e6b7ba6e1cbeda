import { parseTextRequest } from '@ai-core/core';
import { warmMemory } from '@ai-core/producer';
import { setBudget } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const TYPE = 'notice';
const PATIENCE = { timeout: 30_000, interval: 100 };
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres' });
  await fleet.database.pool.query(
    `insert into ai_request_type_policy (request_type, expires_after_days, stale_for_s) values ($1, 30, 3600), ('strict', 30, null)`,
    [TYPE],
  );
});
afterAll(() => fleet.stop());

async function rowsOf<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return (await fleet.database.pool.query<Row>(text, [...values])).rows;
}

/** As if so much time had passed for an answer: it expired a moment ago, and is given out while refreshed for `leftS` seconds. */
async function expire(memoryId: string | null, leftS: number): Promise<void> {
  await rowsOf(
    `update ai_memory set expires_at = clock_timestamp() - interval '1 second',
       serve_until = case when serve_until is not null then clock_timestamp() + make_interval(secs => $2) end where id = $1`,
    [memoryId, leftS],
  );
}

const finished = (prompt: string) =>
  rowsOf<{ cache_mode: string; memory_id: string }>(
    `select cache_mode, memory_id from ai_job where request ->> 'prompt' = $1 and state = 'done' order by created_at`,
    [prompt],
  );

describe('an answer that has expired', () => {
  it('of a marked type is given out at once while one new answer is bought behind it, for the backend and no user', async () => {
    const prompt = 'when does term start';
    const request = { requestType: TYPE, prompt, user: 'u1' };
    const first = await fleet.aiCore.generateText(request);
    await expire(first.memoryId, 3_600);
    const doors = [await fleet.openAiCore(), await fleet.openAiCore()];
    const rush = await Promise.all(doors.flatMap((door) => Array.from({ length: 20 }, () => door.generateText(request))));
    for (const answer of rush) expect(answer).toMatchObject({ cached: true, costNanoUsd: 0n, text: first.text });

    await vi.waitFor(async () => expect(await finished(prompt)).toHaveLength(2), PATIENCE);
    expect(await finished(prompt)).toMatchObject([{ cache_mode: 'use' }, { cache_mode: 'refresh' }]);
    const paid = await rowsOf<object>(
      `select u.endpoint, u.user_id, u.caller, u.source from ai_usage_log u join ai_job j on j.id = u.job_id
       where j.request ->> 'prompt' = $1 and j.cache_mode = 'refresh'`,
      [prompt],
    );
    expect(paid).toEqual([{ endpoint: 'refresh-behind', user_id: '', caller: 'test', source: 'provider' }]);
    const next = await (await fleet.openAiCore()).generateText(request);
    expect(next).toMatchObject({ cached: true });
    expect(next.memoryId).not.toBe(first.memoryId);
    expect(await rowsOf('select is_current from ai_memory where id = $1', [first.memoryId])).toEqual([{ is_current: false }]);
  });

  it('is bought anew before it is given out when its time behind is over, when its type is not marked, and for whoever names an age', async () => {
    const marked = { requestType: TYPE, prompt: 'who teaches maths' };
    const first = await fleet.aiCore.generateText(marked);
    await expire(first.memoryId, 3_600);
    await rowsOf(`update ai_memory set created_at = clock_timestamp() - interval '1 hour' where id = $1`, [first.memoryId]);
    const aged = await (await fleet.openAiCore()).generateText({ ...marked, maxAgeS: 60 });
    expect(aged).toMatchObject({ cached: false });
    await expire(aged.memoryId, -1);
    const late = await (await fleet.openAiCore()).generateText(marked);
    expect(late).toMatchObject({ cached: false });

    const strict = { requestType: 'strict', prompt: 'who teaches maths' };
    const old = await fleet.aiCore.generateText(strict);
    await expire(old.memoryId, 3_600);
    expect(await (await fleet.openAiCore()).generateText(strict)).toMatchObject({ cached: false });
  });
});

describe('warming memory', () => {
  const line = (prompt: string): string => JSON.stringify({ request_type: 'quiz', prompt });

  it('answers every line once, names those that are wrong, and buys nothing when it is repeated', async () => {
    const prompts = Array.from({ length: 100 }, (_, n) => `expected ${n}`);
    const lines = [
      ...prompts.slice(0, 70).map(line),
      '{"prompt"',
      '',
      line('expected 3'),
      '{"request_type": "quiz"}',
      ...prompts.slice(70).map(line),
    ];
    const report = await warmMemory(fleet.aiCore, { lines, lane: 'interactive' });
    expect(report).toMatchObject({ lines: 103, ordered: 100, answered: 100 + report.joined, failed: [], stoppedAtLine: null });
    expect(report.joined + report.remembered).toBe(1);
    expect(report.costNanoUsd).toBeGreaterThan(0n);
    expect(report.wrong.map(({ line: number, code }) => [number, code])).toEqual([
      [71, 'REQUEST_INVALID'],
      [74, 'REQUEST_INVALID'],
    ]);
    const again = await warmMemory(await fleet.openAiCore(), { lines, lane: 'interactive' });
    expect(again).toMatchObject({ lines: 103, remembered: 101, ordered: 0, joined: 0, costNanoUsd: 0n });
    expect(await (await fleet.openAiCore()).generateText({ requestType: 'quiz', prompt: prompts[99] ?? '' })).toMatchObject({
      cached: true,
    });
  });

  it('never spends more than it may, and goes on where it was when it is run again', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => line(`dear ${n}`));
    const one = await warmMemory(fleet.aiCore, { lines: lines.slice(0, 1), lane: 'interactive' });
    const estimate = await fleet.aiCore.estimateText(parseTextRequest({ request_type: 'quiz', prompt: 'dear 1' }));
    const most = BigInt(estimate.candidates[0]?.max_cost_nano_usd ?? 0);
    expect(most).toBeGreaterThan(one.costNanoUsd);
    const part = await warmMemory(fleet.aiCore, { lines, lane: 'interactive', mostNanoUsd: most + 2n * one.costNanoUsd });
    expect(part.stoppedAtLine).toBeGreaterThan(1);
    expect(part.costNanoUsd).toBeLessThanOrEqual(most + 2n * one.costNanoUsd);
    const rest = await warmMemory(fleet.aiCore, { lines, lane: 'interactive' });
    expect(rest).toMatchObject({ remembered: 1 + part.ordered, ordered: 29 - part.ordered, stoppedAtLine: null });
  });

  it('ends at the line where a budget is used up', async () => {
    const poor = await fleet.openAiCore({ caller: 'poor' });
    await setBudget(fleet.database, {
      scope: 'caller',
      subject: 'poor',
      period: 'day',
      limitNanoUsd: 1n,
      onExceed: 'refuse',
      alertPercents: [],
      simulated: true,
      actor: 'test',
    });
    const report = await warmMemory(poor, { lines: [line('no money 1')], lane: 'interactive' });
    expect(report).toMatchObject({ answered: 0, stoppedAtLine: 1, failed: [{ line: 1, code: 'BUDGET_EXCEEDED' }] });
  });
});
