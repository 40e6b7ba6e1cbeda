import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countBacklog } from '@ai-core/store';
import { startFleet, type Fleet } from './fleet.ts';

const OPENAI = { provider: 'openai', model: 'gpt-6-luna' } as const;
const CLAUDE = { provider: 'claude', model: 'claude-haiku-5-5' } as const;

describe('more work than may wait', () => {
  let fleet: Fleet;
  let question = 0;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
  });
  afterAll(() => fleet.stop());
  const ask = (more: object = {}) =>
    fleet.aiCore.enqueueText({ requestType: 'quiz', prompt: `question ${question++}`, ...OPENAI, ...more });
  const limit = (limits: object) =>
    fleet.database.pool.query('update ai_provider_config set limits = $1 where provider = $2 and model_name = $3', [
      JSON.stringify({ timeoutsMs: { total: 6_000 }, ...limits }),
      OPENAI.provider,
      OPENAI.model,
    ]);

  it('is refused beyond the backlog with a time to come again, and still answers what it remembers', async () => {
    const remembered = { requestType: 'quiz', prompt: 'remembered', ...OPENAI };
    await fleet.aiCore.generateText({ ...remembered, timeoutMs: 10_000 });
    const narrow = await fleet.openAiCore({ caller: 'crowd', backlog: { perCaller: 100 } });
    await limit({ requestsPerMinute: 1 });
    const handles = await Promise.all(
      Array.from({ length: 150 }, () => narrow.enqueueText({ requestType: 'quiz', prompt: `question ${question++}`, ...OPENAI })),
    );
    await countBacklog(fleet.database);
    const refused = () => narrow.enqueueText({ requestType: 'quiz', prompt: `question ${question++}`, ...OPENAI });
    await expect
      .poll(
        () =>
          refused().then(
            () => '',
            (error: { code: string }) => error.code,
          ),
        { timeout: 10_000 },
      )
      .toBe('QUEUE_FULL');
    await expect(refused()).rejects.toMatchObject({ code: 'QUEUE_FULL', retryAfterMs: 10_000 });
    expect((await narrow.generateText({ ...remembered, timeoutMs: 5_000 })).source).toBe('memory');
    // Somebody else's work comes in.
    expect((await ask(CLAUDE)).outcome).toBe('created');
    await Promise.all(handles.map((handle) => narrow.cancel(handle.jobId ?? '')));
  });
});

describe('work that comes to its turn after its deadline', () => {
  it('is dropped without a call, and what has time left is done', async () => {
    // One slot, and a call that holds it for longer than the deadline of what comes next.
    const fleet = await startFleet({ queue: 'redis', worker: { concurrency: 1 } });
    const { aiCore, simulator } = fleet;
    simulator.control().setLatency({ latency: { fixedMs: 6_000 } });
    const busy = await aiCore.enqueueText({ requestType: 'quiz', prompt: 'busy' });
    await expect.poll(() => simulator.control().calls(), { timeout: 20_000 }).toHaveLength(1);
    const late = await aiCore.enqueueText({ requestType: 'quiz', prompt: 'too late', deadlineS: 1 });
    const patient = await aiCore.enqueueText({ requestType: 'quiz', prompt: 'no hurry', deadlineS: 600 });
    await busy.result({ timeoutMs: 60_000 });
    simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect((await patient.result({ timeoutMs: 60_000 })).source).toBe('provider');
    await expect(late.result({ timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'RESULT_NOT_READY' });
    const { rows } = await fleet.database.pool.query<{ state: string }>('select state from ai_job where id = $1', [late.jobId]);
    expect(rows).toEqual([{ state: 'failed' }]);
    expect(simulator.control().calls()).toHaveLength(2);
    await fleet.stop();
  });
});
