import type { Gateway } from '@ai-core/gateway';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpDatabase, dumpRedis } from './dump-places.ts';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

/** A model of each provider that calls functions. */
const MODELS = ['openai/gpt-6-luna', 'claude/claude-haiku-5-5', 'gemini/gemini-3.5-flash-lite'];

const WEATHER = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  },
};

describe('functions that a chat may call, over the OpenAI API', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let client: OpenAI;
  let key: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: `${TEXT_ROLES},text-gemini` });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('openai-client');
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  });
  afterAll(() => fleet.stop());

  const asking = (content: string) => [{ role: 'user' as const, content }];

  it.for(MODELS)('are called and their results read by %s, as the official client runs them', async (model) => {
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model,
      messages: asking('Volcanoes: what is the weather at the crater?'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'The weather of a city',
            parameters: { type: 'object', properties: { city: { type: 'string' } } },
            parse: (text: string) => JSON.parse(text) as object,
            function: (given: object) => {
              asked.push(given);
              return { sky: 'clear' };
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toMatch(/volcano/i);
    expect(asked).toEqual([{ city: expect.any(String) }]);
  });

  it('come as pieces of a stream, the reason for its end being the calls', async () => {
    const body = { model: 'auto', messages: asking('The weather, please'), tools: [WEATHER], stream_options: { include_usage: true } };
    const pieces: string[] = [];
    const stream = client.chat.completions.stream({ ...body }).on('tool_calls.function.arguments.delta', ({ arguments_delta }) => {
      pieces.push(arguments_delta);
    });
    const completion = await stream.finalChatCompletion();
    const [choice] = completion.choices;
    expect([choice?.finish_reason, choice?.message.content]).toEqual(['tool_calls', '']);
    const [call] = choice?.message.tool_calls ?? [];
    expect(call).toMatchObject({ id: expect.stringMatching(/./), type: 'function', function: { name: 'get_weather' } });
    expect(pieces.join('')).toBe(call?.type === 'function' ? call.function.arguments : '');
    expect(completion.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('make an answer that is paid, accounted for, given again by its job, and never remembered or shared', async () => {
    const body = { model: 'auto', messages: asking('Weather twice'), tools: [WEATHER], user: 'tool-user' };
    const [one, two] = await Promise.all([
      client.chat.completions.create(body).withResponse(),
      client.chat.completions.create(body).withResponse(),
    ]);
    for (const { data, response } of [one, two]) {
      expect(data.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { content: null, tool_calls: [{ type: 'function' }] },
      });
      expect(response.headers.get('x-ai-core-source')).toBe('provider');
      expect(Number(response.headers.get('x-ai-core-cost-usd'))).toBeGreaterThan(0);
      expect(response.headers.get('x-ai-core-memory-id')).toBeNull();
    }
    const jobId = one.response.headers.get('x-ai-core-job-id') ?? '';
    const again = await callHttp(`${gateway.url}/v1/jobs/${jobId}`, { key });
    expect(again.body['tool_calls']).toEqual(one.data.choices[0]?.message.tool_calls);
    const { rows: memory } = await fleet.database.pool.query(`select from ai_memory where prompt_text = 'Weather twice'`);
    expect(memory).toEqual([]);
    const { rows: accounts } = await fleet.database.pool.query<{ cost: bigint; source: string }>(
      `select cost_nano_usd as cost, source from ai_usage_log where user_id = 'tool-user' and row_kind = 'request'`,
    );
    expect(accounts.map(({ source }) => source)).toEqual(['provider', 'provider']);
    const paid = accounts.reduce((sum, { cost }) => sum + BigInt(cost), 0n);
    expect(Number(paid) / 1e9).toBeCloseTo(
      [one, two].reduce((sum, { response }) => sum + Number(response.headers.get('x-ai-core-cost-usd')), 0),
      9,
    );
    const poor = client.chat.completions.create({ ...body, metadata: { max_cost_usd: '0.0000001' } });
    await expect(poor).rejects.toMatchObject({ status: 402, code: 'BUDGET_EXCEEDED' });
  });

  it('get personal data back in their arguments, however it is spelled in results, and neither provider nor store sees it', async () => {
    const email = 'marked.caller7@canary.example.org';
    const name = 'José Canaryname';
    const headers = { 'x-ai-core-known-names': encodeURIComponent(name) };
    for (const model of MODELS) {
      const messages = asking(`The weather where ${name} (${email}) lives`);
      const first = await client.chat.completions.create({ model, messages, tools: [WEATHER] }, { headers });
      const [call] = first.choices[0]?.message.tool_calls ?? [];
      const { city } = JSON.parse(call?.type === 'function' ? call.function.arguments : '{}') as { city: string };
      expect(city).toContain(email);
      expect(city).toContain(name);
      const result = {
        role: 'tool' as const,
        tool_call_id: call?.id ?? '',
        content: `{"who":"Jos\\u00e9 Canaryname","mail":"marked.caller7\\u0040canary.example.org"}`,
      };
      const turn = [...messages, ...(first.choices[0] ? [first.choices[0].message] : []), result];
      const last = await client.chat.completions.create({ model, messages: turn, tools: [WEATHER] }, { headers });
      expect(last.choices[0]?.message.content).toContain(email);
    }
    const seen = [await dumpDatabase(fleet), await dumpRedis(fleet), JSON.stringify(fleet.simulator.control().calls())].join('\n');
    expect(seen).toContain('⟦EMAIL_1⟧');
    expect(/marked\.caller7|Canaryname/i.exec(seen)?.[0]).toBeUndefined();
  });

  it('are refused where they make no sense, or the model does not call functions, before anything is asked', async () => {
    const before = fleet.simulator.bill().length;
    const messages = asking('Weather');
    const wrong: [object, RegExp][] = [
      [{ model: 'local_small_model/zporta_v1', messages, tools: [WEATHER] }, /does not call functions/],
      [{ model: 'auto', messages, tool_choice: 'auto' }, /need tools/],
      [
        { model: 'auto', messages, tools: [WEATHER], tool_choice: { type: 'function', function: { name: 'other' } } },
        /not among the tools/,
      ],
      [{ model: 'auto', messages: [...messages, { role: 'tool', tool_call_id: 'x', content: 'y' }] }, /names a call/],
      [{ model: 'auto', messages, tools: [WEATHER], n: 2 }, /n must be/],
    ];
    for (const [body, why] of wrong) {
      const answer = await callHttp(`${gateway.url}/v1/chat/completions`, { key, body });
      expect([answer.status, (answer.body['error'] as { message: string }).message]).toEqual([400, expect.stringMatching(why)]);
    }
    expect(fleet.simulator.bill().length).toBe(before);
  });
});
