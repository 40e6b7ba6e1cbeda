import { AiCoreError, type ErrorCode } from '@ai-core/core';
import type { TextInput } from '@ai-core/producer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const SECRET = 'my-secret-words';

/** What a caller may send by mistake, and the code it gets. */
const BAD: readonly { what: string; input: Record<string, unknown>; code: ErrorCode }[] = [
  { what: 'an empty prompt', input: { prompt: '' }, code: 'REQUEST_INVALID' },
  { what: 'a prompt of white space', input: { prompt: ' \n\t ' }, code: 'REQUEST_INVALID' },
  { what: 'a prompt of 2 MB', input: { prompt: 'x'.repeat(2_000_000) }, code: 'REQUEST_INVALID' },
  { what: 'a prompt with U+0000', input: { prompt: `${SECRET}\u0000` }, code: 'REQUEST_INVALID' },
  { what: 'a prompt with half a surrogate pair', input: { prompt: `${SECRET}\ud800` }, code: 'REQUEST_INVALID' },
  { what: 'an option with U+0000', input: { options: { topic: `${SECRET}\u0000` } }, code: 'REQUEST_INVALID' },
  { what: 'options of the wrong type', input: { options: ['language', 'ja'] }, code: 'REQUEST_INVALID' },
  { what: 'a temperature that is text', input: { options: { temperature: 'hot' } }, code: 'REQUEST_INVALID' },
  { what: 'a number that is not finite', input: { options: { temperature: Number.NaN } }, code: 'REQUEST_INVALID' },
  { what: 'an unknown provider', input: { provider: 'skynet', model: 't-800' }, code: 'REQUEST_INVALID' },
  { what: 'an unknown model', input: { provider: 'openai', model: 'gpt-99' }, code: 'MODEL_UNKNOWN' },
  { what: 'a retired model', input: { provider: 'openai', model: 'gpt-4-turbo' }, code: 'MODEL_UNKNOWN' },
  { what: 'manual selection without a model', input: { selectionMode: 'manual', provider: 'openai' }, code: 'REQUEST_INVALID' },
  { what: 'a request type with blanks', input: { requestType: 'quiz generation' }, code: 'REQUEST_INVALID' },
  { what: 'an unknown cache mode', input: { cache: 'sometimes' }, code: 'REQUEST_INVALID' },
  { what: 'a provider named __proto__', input: { provider: '__proto__', model: 'toString' }, code: 'REQUEST_INVALID' },
  { what: 'a model named __proto__', input: { provider: 'openai', model: '__proto__' }, code: 'MODEL_UNKNOWN' },
  { what: 'a model named constructor', input: { provider: 'openai', model: 'constructor' }, code: 'MODEL_UNKNOWN' },
  {
    what: 'an option named __proto__',
    input: { options: JSON.parse('{"__proto__":{"polluted":true}}') as unknown },
    code: 'REQUEST_INVALID',
  },
  { what: 'a model that is an operator', input: { provider: 'openai', model: { $gt: '' } }, code: 'REQUEST_INVALID' },
  { what: 'a list for a prompt', input: { prompt: ['a', 'b'] }, code: 'REQUEST_INVALID' },
  { what: 'a number as text', input: { priority: '1e9' }, code: 'REQUEST_INVALID' },
  { what: 'a request type of __proto__ with a colon', input: { requestType: '__proto__:1' }, code: 'REQUEST_INVALID' },
  { what: 'an empty request type', input: { requestType: '' }, code: 'REQUEST_INVALID' },
  { what: 'options of 10,000 members', input: { options: { list: Array.from({ length: 10_000 }, () => 'x') } }, code: 'REQUEST_INVALID' },
  { what: 'a priority of 10', input: { priority: 10 }, code: 'REQUEST_INVALID' },
];

describe('bad input', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
  });
  afterAll(() => fleet.stop());

  for (const { what, input, code } of BAD) {
    it(`refuses ${what} with ${code}, says why without repeating it, and stores nothing`, async () => {
      const request = { requestType: 'quiz', prompt: SECRET, ...input } as unknown as TextInput;
      const error = await fleet.aiCore.generateText({ ...request, timeoutMs: 5_000 }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(AiCoreError.is(error)).toBe(true);
      expect((error as AiCoreError).code).toBe(code);
      expect((error as AiCoreError).reason.length).toBeGreaterThan(10);
      expect((error as AiCoreError).message).not.toContain(SECRET);
      const { rows } = await fleet.database.pool.query<{ n: bigint }>(
        'select (select count(*) from ai_job) + (select count(*) from ai_usage_log) + (select count(*) from ai_memory) as n',
      );
      expect(rows[0]?.n).toBe(0n);
      expect(fleet.simulator.bill()).toHaveLength(0);
    });
  }

  it('takes names that mean something to JavaScript, to a queue or to SQL for plain text', async () => {
    const hostile = ['constructor', 'toString', 'a:b', '0', '123', "' or 1=1 --", 'x'.repeat(200), 'two\nlines'];
    for (const name of hostile) {
      const options = Object.fromEntries([[name, { [name]: name }]]);
      const answer = await fleet.aiCore.generateText({
        requestType: 'quiz',
        prompt: `About ${name}`,
        options,
        user: name,
        endpoint: name,
        timeoutMs: 20_000,
      });
      expect(answer.text).not.toBe('');
      const { rows } = await fleet.database.pool.query<{ user_id: string; endpoint: string }>(
        'select user_id, endpoint from ai_usage_log where job_id = $1',
        [answer.jobId],
      );
      expect(rows).toEqual([{ user_id: name, endpoint: name }]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('names the successor of a retired model', async () => {
    await expect(
      fleet.aiCore.generateText({ requestType: 'quiz', prompt: 'x', provider: 'openai', model: 'gpt-4-turbo', timeoutMs: 5_000 }),
    ).rejects.toThrow(/gpt-5\.6-sol/);
  });
});
