import { putContext } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

describe('a request near the end of a context', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'postgres' });
    // The cheapest model has the smallest context.
    await fleet.database.pool.query(
      `update ai_provider_config set max_tokens = case model_name when 'gpt-6-luna' then 30000 else 60000 end where kind = 'text'`,
    );
  });
  afterAll(() => fleet.stop());

  const SENTENCE = 'Photosynthesis turns light, water and carbon dioxide into sugar and oxygen. ';
  const ask = (sentences: number, changes: object = {}) =>
    fleet.aiCore.generateText({ requestType: 'summary', prompt: `Sum up: ${SENTENCE.repeat(sentences)}`, timeoutMs: 20_000, ...changes });

  it('goes to the cheapest model as long as its tokens fit, counted and not guessed', async () => {
    // 76,000 bytes: 38,000 tokens by the cheap guess, about 14,000 in fact.
    expect(await ask(1_000)).toMatchObject({ model: 'gpt-6-luna', source: 'provider' });
  });

  it('goes to a model with a larger context when the cheapest is too small', async () => {
    const answer = await ask(2_000, { explain: true });
    expect(answer.model).not.toBe('gpt-6-luna');
    expect(answer.explanation).toContainEqual(expect.objectContaining({ model: 'gpt-6-luna', taken: false, reason: 'context_too_small' }));
  });

  it('is refused with the numbers when it is too long for every model, before anything is called', async () => {
    const before = fleet.simulator.control().calls().length;
    await expect(ask(5_000)).rejects.toMatchObject({
      code: 'CONTEXT_TOO_LONG',
      reason: expect.stringMatching(/about \d{5} tokens \(counted\) and its answer may take 8192; .* 60000 tokens/) as unknown,
    });
    await expect(ask(2_000, { provider: 'openai', model: 'gpt-6-luna' })).rejects.toMatchObject({ code: 'CONTEXT_TOO_LONG' });
    expect(fleet.simulator.control().calls().length).toBe(before);
  });

  it('goes on to a model with a larger context when the provider finds it longer than it was counted', async () => {
    const prompt = 'Sum up this [[fault:context?model=gpt-6-luna]]';
    const answer = await ask(1, { prompt });
    expect(answer).toMatchObject({ source: 'provider' });
    expect(answer.model).not.toBe('gpt-6-luna');
    await expect(ask(1, { prompt: 'Sum up that [[fault:context]]', provider: 'openai', model: 'gpt-6-luna' })).rejects.toMatchObject({
      code: 'CONTEXT_TOO_LONG',
    });
  });

  it('counts the contexts it names', async () => {
    await putContext(fleet.database, { name: 'chapter', text: SENTENCE.repeat(2_000), createdBy: 'test' });
    const answer = await ask(1, { prompt: 'Sum up {{context:chapter}}' });
    expect(answer.model).not.toBe('gpt-6-luna');
    await putContext(fleet.database, { name: 'book', text: SENTENCE.repeat(10_000), createdBy: 'test' });
    await expect(ask(1, { prompt: 'Sum up {{context:book}}' })).rejects.toMatchObject({ code: 'CONTEXT_TOO_LONG' });
  });

  it('gets no longer an answer than the row of its type allows', async () => {
    await fleet.database.pool.query(`insert into ai_request_type_policy (request_type, max_output_tokens) values ('headline', 60)`);
    const other = await fleet.openAiCore();
    const outcome = await other
      .generateText({
        requestType: 'headline',
        prompt: 'A very long headline about volcanoes',
        options: { max_tokens: 4_000 },
        timeoutMs: 20_000,
      })
      .catch((error: unknown) => error);
    await other.close();
    expect(outcome).toMatchObject({ tokensUsed: expect.any(Number) as unknown });
    const { rows } = await fleet.database.pool.query<{ output: number }>(
      `select (usage ->> 'outputTokens')::int as output from ai_attempt order by started_at desc limit 1`,
    );
    expect(rows[0]?.output).toBeLessThanOrEqual(60);
  });
});
