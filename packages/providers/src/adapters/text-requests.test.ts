import { randomUUID } from 'node:crypto';
import type { ProviderName, Usage } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import { type Recorded, startRecordingServer } from '../conformance/recording-server.ts';
import type { TextCall } from '../provider.ts';
import { createProvider } from '../registry.ts';

const ANSWERS: Readonly<Partial<Record<ProviderName, object>>> = {
  openai: { choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] },
  local_small_model: { choices: [{ message: { content: 'Hello' } }] },
  claude: { content: [{ type: 'text', text: 'Hello' }], stop_reason: 'end_turn' },
  gemini: { candidates: [{ content: { parts: [{ text: 'thinking aloud', thought: true }, { text: 'Hello' }] }, finishReason: 'STOP' }] },
};

/** Makes one call of an adapter and shows what went over the wire, and the text that came of it. */
async function capture(name: ProviderName, changes: Partial<TextCall>): Promise<Recorded & { text?: string; usage?: Usage }> {
  await using vendor = await startRecordingServer(() => ({ type: 'application/json', body: JSON.stringify(ANSWERS[name]) }));
  const provider = await createProvider(name, { apiKey: 'the-key', baseUrl: vendor.url });
  const call: TextCall = {
    model: 'm',
    attemptId: randomUUID(),
    signal: new AbortController().signal,
    timeouts: { connect: 5_000, firstByte: 5_000, idle: 5_000, total: 10_000 },
    options: {},
    prompt: 'Hello there',
    maxOutputTokens: 300,
    ...changes,
  };
  const result = await provider.generateText?.(call).catch(() => undefined);
  const [first] = vendor.recorded;
  if (!first) throw new Error('Nothing was sent.');
  return { ...first, ...(result && { text: result.text, usage: result.usage }) };
}

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } };
const OPTIONS = { system: 'Be kind.', temperature: 0.4, seed: 3, stop: 'END' };

describe('what the openai adapter sends', () => {
  it('is cheap reasoning and no temperature for models that reason', async () => {
    const { body, headers } = await capture('openai', { model: 'gpt-6-luna', options: OPTIONS });
    expect(body).toEqual({
      model: 'gpt-6-luna',
      messages: [
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: 'Hello there' },
      ],
      max_completion_tokens: 300,
      seed: 3,
      reasoning_effort: 'low',
      stream: false,
    });
    expect(headers).toMatchObject({ authorization: 'Bearer the-key', 'x-client-request-id': expect.any(String) });
  });

  it('is a temperature and no effort for models that do not', async () => {
    const { body } = await capture('openai', { model: 'gpt-4o-mini', options: OPTIONS });
    expect(body).toMatchObject({ temperature: 0.4, stop: ['END'] });
    expect(body).not.toHaveProperty('reasoning_effort');
  });

  it('follows the configuration where it says more than the name', async () => {
    const { body } = await capture('openai', {
      model: 'gpt-7-plain',
      capabilities: { temperature: true, reasoning: false },
      options: OPTIONS,
    });
    expect(body).toMatchObject({ temperature: 0.4 });
    expect(body).not.toHaveProperty('reasoning_effort');
  });
});

describe('what the local_small_model adapter sends', () => {
  it('is the old name of the token limit, and its answer needs no finish reason', async () => {
    const { body, text } = await capture('local_small_model', { options: OPTIONS });
    expect(body).toMatchObject({ max_tokens: 300, temperature: 0.4 });
    expect(body).not.toHaveProperty('max_completion_tokens');
    expect(text).toBe('Hello');
  });

  it('is counted with a tokenizer when the server does not say what it used', async () => {
    const { usage } = await capture('local_small_model', { prompt: 'Hello there', options: { system: 'Be kind.' } });
    // "Be kind.", a line break and "Hello there" are 5 tokens of o200k_base, "Hello" is one.
    expect(usage).toMatchObject({ inputTokens: 5, outputTokens: 1, estimated: true });
  });
});

describe('what the claude adapter sends', () => {
  it('is a low effort and never a temperature', async () => {
    const { body, headers } = await capture('claude', { model: 'claude-haiku-5-5', options: OPTIONS });
    expect(body).toEqual({
      model: 'claude-haiku-5-5',
      max_tokens: 300,
      system: 'Be kind.',
      messages: [{ role: 'user', content: 'Hello there' }],
      stop_sequences: ['END'],
      output_config: { effort: 'low' },
      stream: false,
    });
    expect(headers).toMatchObject({ 'x-client-request-id': expect.any(String) });
  });

  it('is a JSON schema by the wire, and JSON without one in words', async () => {
    const bySchema = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } };
    expect((await capture('claude', { model: 'claude-haiku-5-5', options: bySchema })).body).toMatchObject({
      output_config: { format: { type: 'json_schema', schema: SCHEMA } },
    });
    expect((await capture('claude', { model: 'claude-haiku-5-5', options: { response_format: 'json' } })).body).toMatchObject({
      system: 'Answer with one JSON object and nothing else',
    });
  });

  it('is no effort at all for older models', async () => {
    const { body } = await capture('claude', { model: 'claude-haiku-4-5' });
    expect(body).not.toHaveProperty('output_config');
  });
});

describe('what the gemini adapter sends', () => {
  it('goes to v1beta, thinks little, and leaves thoughts out of the text', async () => {
    const { url, body, headers, text } = await capture('gemini', { model: 'gemini-3.5-flash-lite', options: OPTIONS });
    expect(url).toBe('/v1beta/models/gemini-3.5-flash-lite:generateContent');
    expect(body).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }],
      systemInstruction: { parts: [{ text: 'Be kind.' }] },
      generationConfig: {
        maxOutputTokens: 300,
        temperature: 0.4,
        seed: 3,
        stopSequences: ['END'],
        thinkingConfig: { thinkingLevel: 'LOW' },
      },
    });
    expect(headers).toMatchObject({ 'x-goog-api-key': 'the-key', 'x-client-request-id': expect.any(String) });
    expect(text).toBe('Hello');
  });

  it('counts thoughts in tokens for the 2.5 models, and has none before them', async () => {
    expect((await capture('gemini', { model: 'gemini-2.5-flash', options: { reasoning: 'none' } })).body).toMatchObject({
      generationConfig: { thinkingConfig: { thinkingBudget: 0 } },
    });
    expect((await capture('gemini', { model: 'gemini-2.0-flash' })).body).not.toHaveProperty('generationConfig.thinkingConfig');
  });
});

describe('a context', () => {
  const call = { context: '<context name="a">\nOne\n</context>', options: { system: 'Be kind.' } };
  const both = `${call.context}\n\nBe kind.`;

  it('goes first to openai and to servers that speak its wire', async () => {
    for (const name of ['openai', 'local_small_model'] as const) {
      expect((await capture(name, call)).body).toMatchObject({ messages: [{ role: 'system', content: both }, { role: 'user' }] });
    }
  });

  it('goes first to gemini', async () => {
    expect((await capture('gemini', call)).body).toMatchObject({ systemInstruction: { parts: [{ text: both }] } });
  });

  it('goes first to claude, which is told to cache up to there', async () => {
    const cached = { type: 'text', text: call.context, cache_control: { type: 'ephemeral' } };
    expect((await capture('claude', call)).body).toMatchObject({ system: [cached, { type: 'text', text: 'Be kind.' }] });
    expect((await capture('claude', { ...call, options: {} })).body).toMatchObject({ system: [cached] });
  });
});
