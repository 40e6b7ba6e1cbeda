import { putContext } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

describe('a request that names a context', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'postgres', simulator: { keepPrompts: true } });
  });
  afterAll(() => fleet.stop());

  const put = (text: string) => putContext(fleet.database, { name: 'lesson-7', text, createdBy: 'test' });
  const ask = {
    requestType: 'quiz',
    prompt: 'Three questions about {{context:Lesson-7}}',
    options: { system: 'Be brief.' },
    timeoutMs: 20_000,
  };
  const lastPrompt = () => fleet.simulator.control().prompts()?.at(-1) ?? '';

  it('is refused as long as there is no such context, and says what to do', async () => {
    await expect(fleet.aiCore.generateText(ask)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      reason: expect.stringContaining('lesson-7') as unknown,
    });
    expect(fleet.simulator.bill()).toEqual([]);
  });

  it.for([
    ['openai', 'gpt-6-luna'],
    ['claude', 'claude-haiku-5-5'],
  ])('gives %s the text before everything else, and the name where the request refers to it', async ([provider, model]) => {
    await put('Volcanoes erupt when pressure rises.');
    await fleet.aiCore.generateText({ ...ask, provider, model });
    expect(lastPrompt()).toMatch(/^<context name="lesson-7">\nVolcanoes erupt when pressure rises\.\n<\/context>/);
    expect(lastPrompt()).toContain('Be brief.');
    expect(lastPrompt()).toContain('Three questions about the context "lesson-7"');
  });

  it('is remembered until the text changes, and again when it changes back', async () => {
    await put('Volcanoes erupt when pressure rises.');
    expect((await fleet.aiCore.generateText(ask)).source).toBe('provider');
    expect((await fleet.aiCore.generateText(ask)).source).toBe('memory');
    await put('Geysers, too.');
    expect((await fleet.aiCore.generateText(ask)).source).toBe('provider');
    expect(lastPrompt()).toContain('Geysers, too.');
    await put('Volcanoes erupt when pressure rises.');
    expect((await fleet.aiCore.generateText(ask)).source).toBe('memory');
  });

  it('keeps the text out of job, queue and memory', async () => {
    const { rows } = await fleet.database.pool.query<{ n: bigint }>(
      `select (select count(*) from ai_job j where to_jsonb(j)::text like '%Geysers%')
        + (select count(*) from ai_memory m where m.prompt_text like '%Geysers%') as n`,
    );
    expect(rows).toEqual([{ n: 0n }]);
  });
});
