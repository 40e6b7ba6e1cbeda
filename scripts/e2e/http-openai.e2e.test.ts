import { randomUUID } from 'node:crypto';
import type { Gateway } from '@ai-core/gateway';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

const SETTLED = `select count(*) as n from ai_usage_log where row_kind = 'request' and request_type = 'chat'`;

describe('the official OpenAI client, with only base URL and key changed', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let client: OpenAI;
  let key: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    key = await fleet.makeKey('openai-client');
    client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: key, maxRetries: 0 });
  });
  afterAll(() => fleet.stop());

  const messages = (content: string) => [{ role: 'user' as const, content }];

  it('gets a chat completion, and the second time from memory', async () => {
    const body = { model: 'auto', messages: messages('What is a volcano? Twice.') };
    const { data: first, response } = await client.chat.completions.create(body).withResponse();
    expect(first).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant' } }],
    });
    expect(first.choices[0]?.message.content).toMatch(/volcano/i);
    expect(first.usage?.total_tokens).toBe((first.usage?.prompt_tokens ?? 0) + (first.usage?.completion_tokens ?? 0));
    expect(first.usage?.completion_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-ai-core-source')).toBe('provider');
    const { data: second, response: hit } = await client.chat.completions.create(body).withResponse();
    expect(second.choices[0]?.message.content).toBe(first.choices[0]?.message.content);
    expect(second.usage).toEqual(first.usage);
    expect([hit.headers.get('x-ai-core-source'), hit.headers.get('x-ai-core-cost-usd')]).toEqual(['memory', '0']);
  });

  it('sees the whole conversation count, in any spelling of it', async () => {
    const before = fleet.simulator.bill().length;
    const conversation = (first: string) => [
      { role: 'developer' as const, content: 'Be brief.' },
      ...messages(first),
      { role: 'assistant' as const, content: 'Yes?' },
      ...messages('And now?'),
    ];
    await client.chat.completions.create({ model: 'auto', messages: conversation('One') });
    await client.chat.completions.create({ model: 'auto', messages: conversation('Two') });
    expect(fleet.simulator.bill().length - before).toBe(2);
    await client.chat.completions.create({
      model: 'auto',
      messages: [{ role: 'system', content: [{ type: 'text', text: 'Be brief.' }] }, ...conversation('One').slice(1)],
    });
    expect(fleet.simulator.bill().length - before).toBe(2);
  });

  it('gets a stream with its usage, of fresh work and of memory', async () => {
    const body = {
      model: 'auto:cheap',
      messages: messages('Stream about rivers'),
      stream: true,
      stream_options: { include_usage: true },
    } as const;
    const texts: string[] = [];
    for (const source of ['provider', 'memory']) {
      const { data: stream, response } = await client.chat.completions.create(body).withResponse();
      expect(response.headers.get('x-ai-core-source')).toBe(source);
      let text = '';
      let usage: OpenAI.CompletionUsage | null | undefined;
      const reasons: string[] = [];
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (chunk.choices[0]?.finish_reason != null) reasons.push(chunk.choices[0].finish_reason);
        usage = chunk.usage ?? usage;
      }
      expect(reasons).toEqual(['stop']);
      expect(usage?.completion_tokens).toBeGreaterThan(0);
      texts.push(text);
    }
    expect(texts[0]).toMatch(/rivers/i);
    expect(texts[1]).toBe(texts[0]);
  });

  it('gets the first tokens of a stream before the answer is whole', async () => {
    fleet.simulator.control().setLatency({ latency: { fixedMs: 10, chunkMs: 40 } });
    const since = performance.now();
    const stream = await client.chat.completions.create({ model: 'auto', messages: messages(`Slowly ${randomUUID()}`), stream: true });
    let firstMs = 0;
    let pieces = 0;
    for await (const chunk of stream) {
      if ((chunk.choices[0]?.delta.content ?? '') === '') continue;
      pieces += 1;
      if (firstMs === 0) firstMs = performance.now() - since;
    }
    const totalMs = performance.now() - since;
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(pieces).toBeGreaterThan(2);
    expect(firstMs).toBeLessThan(totalMs / 2);
  });

  it('has a stream that is broken off remembered and billed all the same', async () => {
    fleet.simulator.control().setLatency({ latency: { fixedMs: 50, chunkMs: 30 } });
    const rows = async (): Promise<number> => Number((await fleet.database.pool.query<{ n: bigint }>(SETTLED)).rows[0]?.n ?? 0n);
    const before = await rows();
    const body = { model: 'auto', messages: messages(`Break me off ${randomUUID()}`) };
    const stream = await client.chat.completions.create({ ...body, stream: true });
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    await expect.poll(rows, { timeout: 20_000 }).toBe(before + 1);
    const { response } = await client.chat.completions.create(body).withResponse();
    expect(response.headers.get('x-ai-core-source')).toBe('memory');
  });

  it('gets JSON by a schema', async () => {
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false };
    const answer = await client.chat.completions.create({
      model: 'auto',
      messages: messages('Give me a title'),
      response_format: { type: 'json_schema', json_schema: { name: 'title', schema, strict: true } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toBeTypeOf('object');
  });

  it('pins a model by its name and lists those there are', async () => {
    const list = await client.models.list();
    const names = list.data.map((model) => model.id);
    expect(names).toEqual(expect.arrayContaining(['auto', 'auto:cheap', 'auto:premium']));
    const pinned = list.data.find((model) => model.owned_by === 'claude') as unknown as { id: string; available: boolean; prices: object };
    expect(pinned).toMatchObject({ available: true, prices: { input: expect.any(String) } });
    const { response } = await client.chat.completions.create({ model: pinned.id, messages: messages('Pinned') }).withResponse();
    expect([response.headers.get('x-ai-core-provider'), response.headers.get('x-ai-core-model')]).toEqual(['claude', pinned.id]);
  });

  it("has its own classes of errors thrown, with our codes, in OpenAI's shape", async () => {
    const body = { model: 'auto', messages: messages('x') };
    await expect(client.chat.completions.create({ ...body, model: 'no-such-model' })).rejects.toSatisfy(
      (error) => error instanceof OpenAI.BadRequestError && error.code === 'MODEL_UNKNOWN' && error.type === 'invalid_request_error',
    );
    await expect(client.chat.completions.create({ ...body, n: 2 })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'aic_wrong', maxRetries: 0 });
    await expect(stranger.chat.completions.create(body)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    const limited = new OpenAI({
      baseURL: `${gateway.url}/v1`,
      apiKey: await fleet.makeKey('limited', 'app', { scopes: ['a:*'] }),
      maxRetries: 0,
    });
    await expect(limited.chat.completions.create(body)).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(limited.chat.completions.create({ ...body, metadata: { scope: 'a:1' } })).resolves.toBeDefined();
    fleet.simulator.control().addFault({ fault: 'refusal', match: 'refuse this please' });
    await expect(client.chat.completions.create({ ...body, messages: messages('refuse this please') })).rejects.toSatisfy(
      (error) => error instanceof OpenAI.UnprocessableEntityError && error.code === 'PROVIDER_REFUSED',
    );
    await expect(
      client.chat.completions.create({ ...body, stream: true, messages: messages('refuse this please') }),
    ).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError);
    fleet.simulator.control().clearFaults();
  });

  it('puts personal data back into streams, and keeps it from the provider', async () => {
    const content = `Repeat exactly: reach carol.${randomUUID().slice(0, 8)}@example.net`;
    const email = content.split(' ').at(-1) ?? '';
    const stream = await client.chat.completions.create({ model: 'auto', messages: messages(content), stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toContain(email);
    const { rows } = await fleet.database.pool.query<{ row: string }>(`select to_jsonb(m)::text as row from ai_memory m`);
    for (const { row } of rows) expect(row).not.toContain(email);
  });

  it('may say by headers what OpenAI has no field for', async () => {
    const headers = { 'x-ai-core-request-type': 'lesson', 'x-ai-core-endpoint': 'views.lesson', 'x-ai-core-cache': 'bypass' };
    const body = { model: 'auto', messages: messages('Headers count'), user: 'pupil-1' };
    await client.chat.completions.create(body, { headers });
    await expect
      .poll(async () => (await fleet.database.pool.query(`select request_type, endpoint from ai_usage_log where user_id = 'pupil-1'`)).rows)
      .toEqual([{ request_type: 'lesson', endpoint: 'views.lesson' }]);
    const wrong = await callHttp(`${gateway.url}/v1/chat/completions`, { key, body, headers: { 'x-ai-core-colour': 'red' } });
    expect([wrong.status, (wrong.body['error'] as { code: string }).code]).toEqual([400, 'REQUEST_INVALID']);
  });

  it('lets anybody watch a job of their own come, from any gateway, also when it is there already', async () => {
    const other = await fleet.openGateway();
    fleet.simulator.control().setLatency({ latency: { fixedMs: 300, chunkMs: 20 } });
    const pending = await callHttp(`${gateway.url}/v1/text`, {
      key,
      body: { request_type: 'summary', prompt: 'Repeat exactly: watch dora@example.org come', wait_s: 0 },
    });
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    const path = `/v1/jobs/${String(pending.body['job_id'])}/events`;
    for (const at of [gateway, other]) {
      const { text, headers } = await callHttp(`${at.url}${path}`, { key });
      expect(headers.get('content-type')).toContain('text/event-stream');
      const events = text
        .split('\n\n')
        .filter((block) => block.startsWith('event: '))
        .map((block) => ({
          event: block.slice(7, block.indexOf('\n')),
          data: JSON.parse(block.slice(block.indexOf('data: ') + 6)) as { text?: string },
        }));
      expect(events[0]?.event).toBe('state');
      expect(events.at(-1)?.event).toBe('done');
      const whole = events
        .filter((entry) => entry.event === 'delta')
        .map((entry) => entry.data.text ?? '')
        .join('');
      expect(events.at(-1)?.data.text).toBe(whole);
      expect(whole).toContain('dora@example.org');
    }
    expect((await callHttp(`${gateway.url}${path}`, { key: await fleet.makeKey('nosy') })).status).toBe(404);
  });
});
