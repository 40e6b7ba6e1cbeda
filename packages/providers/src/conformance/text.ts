import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Json } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../conformance.ts';
import type { ProviderFailure } from '../failure.ts';
import type { Provider, TextCall, TextResult } from '../provider.ts';
import { createProvider } from '../registry.ts';
import {
  COMMON_FAULTS,
  type Expected,
  expectFailure,
  failureOf as failureOfCall,
  SECRET,
  TIMEOUTS,
  timeoutsFor,
} from './expect-failure.ts';

const PROMPT = `Explain photosynthesis to ${SECRET}`;

const TOOLS = ['get_weather', 'read_calendar'].map((name) => ({
  type: 'function' as const,
  function: {
    name,
    description: 'Looks it up',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}));

/** What each fault must come out as, whole or streamed. */
const FAULTS: Readonly<Record<string, Expected>> = {
  ...COMMON_FAULTS,
  'no-end': { code: 'PROVIDER_BAD_ANSWER', charged: 'unknown' },
  'truncated-json': { code: 'PROVIDER_BAD_ANSWER', charged: 'unknown' },
  refusal: { code: 'PROVIDER_REFUSED', charged: 'yes' },
  safety: { code: 'PROVIDER_REFUSED', charged: 'yes' },
  length: { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
  empty: { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
  'no-choices': { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
  'null-content': { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
};

/** Declares the part of the suite about texts. */
export function describeText(bench: () => Bench): void {
  function textCall(changes: Partial<TextCall> = {}): TextCall {
    const model = bench().rig.models.text ?? '';
    const signal = new AbortController().signal;
    return { model, attemptId: randomUUID(), signal, timeouts: TIMEOUTS, options: {}, prompt: PROMPT, maxOutputTokens: 2_000, ...changes };
  }

  function generate(call: TextCall, provider: Provider = bench().provider): Promise<TextResult> {
    if (!provider.generateText) throw new Error(`${provider.name} does not generate text.`);
    return provider.generateText(call);
  }

  const failureOf = (call: TextCall, provider?: Provider): Promise<ProviderFailure> => failureOfCall(generate(call, provider));

  const billOf = (attemptId: string) =>
    bench()
      .rig.billed()
      .filter((line) => line.attemptId === attemptId);
  const callsOf = (attemptId: string) =>
    bench()
      .rig.calls()
      .filter((call) => call.attemptId === attemptId);

  describe('for texts', () => {
    it('answers, and tells the model, the request id and the usage that are on the provider bill', async () => {
      const call = textCall();
      const result = await generate(call);
      const [line] = billOf(call.attemptId);
      expect(result.text).toContain('photosynthesis');
      expect(result).toMatchObject({
        model: call.model,
        providerRequestId: line?.requestId,
        usage: line?.usage,
        usageDoubt: null,
        ignoredOptions: [],
      });
      expect(result.rawUsage).toBeTypeOf('object');
      expect(callsOf(call.attemptId)).toHaveLength(1);
    });

    it('counts cached input within the input, and never more than it', async () => {
      const call = textCall({ prompt: `${PROMPT} ${'and then some more of it '.repeat(900)}` });
      const { usage } = await generate(call);
      expect(usage).toEqual(billOf(call.attemptId)[0]?.usage);
      expect(usage.cacheReadTokens).toBeGreaterThan(0);
      const uncached = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens - usage.cacheWriteLongTokens;
      expect(uncached).toBeGreaterThan(0);
    });

    it('streams the same text, with the same usage, as it answers whole', async () => {
      const whole = await generate(textCall());
      const pieces: string[] = [];
      const streamed = await generate(textCall({ onDelta: (piece) => pieces.push(piece) }));
      expect(pieces.length).toBeGreaterThan(3);
      expect(pieces.join('')).toBe(whole.text);
      expect(streamed).toEqual({ ...whole, providerRequestId: streamed.providerRequestId });
    });

    it('bills by the model that answered, not by the one that was asked', async () => {
      const result = await generate(textCall({ prompt: bench().rig.spoil(PROMPT, 'other-model?model=newer-model') }));
      expect(result.model).toBe('newer-model');
    });

    it('says what the options ask for in words the model can read', async () => {
      const result = await generate(textCall({ options: { language: 'ja', difficulty: 'easy' } }));
      expect(result.text).toMatch(/[\u3040-\u30ff]/);
      expect(result.ignoredOptions).toEqual([]);
    });

    it('sends a conversation as one', async () => {
      const messages = [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Good day.' },
        { role: 'user', content: 'Explain volcanoes' },
      ];
      expect((await generate(textCall({ options: { messages } }))).text).toContain('volcanoes');
      expect(await failureOf(textCall({ options: { messages: [{ role: 'user', content: 7 }] } }))).toMatchObject({
        code: 'REQUEST_INVALID',
        charged: 'no',
      });
    });

    it('leaves out an option that it cannot honour, and says so', async () => {
      const result = await generate(textCall({ options: { functions: [{ name: 'f' }], logit_bias: { 50256: -100 } } }));
      expect(result.ignoredOptions).toEqual(['functions', 'logit_bias']);
    });

    it('hands functions to a model that calls them, and brings its calls, whole or streamed', async () => {
      const options = { tools: { tools: TOOLS } };
      const prompt = `${PROMPT}: what are weather and calendar like?`;
      const capabilities = { tools: true };
      const call = textCall({ prompt, options, capabilities });
      const whole = await generate(call);
      expect(whole.toolCalls.map(({ name }) => name)).toEqual(['get_weather', 'read_calendar']);
      expect(new Set(whole.toolCalls.map(({ id }) => id)).size).toBe(2);
      for (const { arguments: text } of whole.toolCalls) expect(JSON.parse(text)).toEqual({ city: expect.any(String) });
      expect(whole).toMatchObject({ text: '', usage: billOf(call.attemptId)[0]?.usage, usageDoubt: null, ignoredOptions: [] });
      const streamed = await generate(textCall({ prompt, options, capabilities, onDelta: () => undefined }));
      expect(streamed).toEqual({ ...whole, providerRequestId: streamed.providerRequestId });
    });

    it.for([
      ['none', []],
      ['auto', []],
      ['required', ['get_weather']],
      [{ type: 'function', function: { name: 'read_calendar' } }, ['read_calendar']],
    ] as const)('lets the caller say whether a function is called: %j', async ([tool_choice, called]) => {
      const options = { tools: { tools: TOOLS, tool_choice } };
      const { toolCalls, text } = await generate(textCall({ options, capabilities: { tools: true } }));
      expect(toolCalls.map(({ name }) => name)).toEqual(called);
      expect(text === '').toBe(called.length > 0);
    });

    it('goes on with what the functions returned, whoever made up the ids of the calls, also where no more are given', async () => {
      const id = `call_of_another_vendor/${'x'.repeat(60)}`;
      const calls = [id, `${id}2`].map((callId) => ({
        id: callId,
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
      }));
      const messages: Json[] = [
        { role: 'user', content: `${PROMPT}, and the weather` },
        { role: 'assistant', content: '', tool_calls: calls },
        { role: 'tool', tool_call_id: id, content: '{"sky":"clear"}' },
        { role: 'tool', tool_call_id: `${id}2`, content: 'clear' },
      ];
      const capabilities = { tools: true };
      const turns: TextCall['options'][] = [{ messages, tools: { tools: TOOLS } }, { messages }];
      for (const options of turns) {
        const { text, toolCalls } = await generate(textCall({ options, capabilities }));
        expect(text).toContain('photosynthesis');
        expect(toolCalls).toEqual([]);
      }
      const stray = { options: { messages: [{ role: 'tool', tool_call_id: 'no', content: 'x' }] }, capabilities };
      expect(await failureOf(textCall(stray))).toMatchObject({ code: 'REQUEST_INVALID', charged: 'no' });
    });

    it('refuses functions for a model that calls none, rather than leaving them out', async () => {
      const call = textCall({ options: { tools: { tools: TOOLS } }, capabilities: { tools: false } });
      expect(await failureOf(call)).toMatchObject({ code: 'REQUEST_INVALID', charged: 'no' });
      expect(callsOf(call.attemptId)).toEqual([]);
    });

    it('returns JSON when JSON is asked for, with or without a schema', async () => {
      const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false };
      const capabilities = { json: true };
      const call = textCall({
        capabilities,
        options: { response_format: { type: 'json_schema', json_schema: { name: 'lesson', schema } } },
      });
      expect(JSON.parse((await generate(call)).text)).toMatchObject({ title: expect.stringContaining('photosynthesis') });
    });

    it('treats prose where JSON was asked for as a failure that was paid', async () => {
      const call = textCall({ capabilities: { json: false }, options: { response_format: 'json' } });
      expect(await failureOf(call)).toMatchObject({ code: 'PROVIDER_BAD_ANSWER', charged: 'yes', usage: billOf(call.attemptId)[0]?.usage });
    });

    it('cleans the text of what no database stores', async () => {
      const spoilt = bench().rig.spoil(PROMPT, 'dirty-text');
      const { text } = await generate(textCall({ prompt: spoilt }));
      expect(text).toContain('café');
      expect(text.isWellFormed() && !text.includes('\u0000')).toBe(true);
      let streamed = '';
      await generate(textCall({ prompt: spoilt, onDelta: (piece) => (streamed += piece) }));
      expect(streamed).toBe(text);
    });

    it.for(['usage-missing', 'usage-negative', 'usage-absurd'])(
      'keeps a good answer and estimates its usage when the counts are bad: %s',
      async (fault) => {
        const call = textCall({ prompt: bench().rig.spoil(PROMPT, fault) });
        const result = await generate(call);
        const truth = billOf(call.attemptId)[0]?.usage;
        expect(result.text).toContain('photosynthesis');
        expect(result.usage.estimated).toBe(true);
        expect(result.usageDoubt).toBe(fault === 'usage-missing' ? 'missing' : 'implausible');
        const [ours, theirs] = [result.usage.outputTokens, (truth?.outputTokens ?? 0) - (truth?.reasoningTokens ?? 0)];
        expect(ours / theirs).toBeGreaterThan(0.7);
        expect(ours / theirs).toBeLessThan(1.3);
      },
    );

    describe.each(['whole', 'streamed'])('when things go wrong with an answer that is %s', (manner) => {
      it.concurrent.for(Object.entries(FAULTS))('makes of %s what it is, after one call', async ([fault, expected]) => {
        const onDelta = manner === 'streamed' ? () => undefined : undefined;
        const call = textCall({ prompt: bench().rig.spoil(PROMPT, fault), onDelta, timeouts: timeoutsFor(fault) });
        expectFailure(await failureOf(call), expected, { bench: bench(), attemptId: call.attemptId });
      });
    });

    it('estimates what a stream that was cut had cost until then', async () => {
      const failure = await failureOf(textCall({ prompt: bench().rig.spoil(PROMPT, 'cut'), onDelta: () => undefined }));
      expect(failure.usage).toMatchObject({ estimated: true });
      expect(failure.usage?.outputTokens).toBeGreaterThan(0);
    });

    it('stops at once when it is told to, and does not know whether the call was charged', async () => {
      const controller = new AbortController();
      const call = textCall({
        prompt: bench().rig.spoil(PROMPT, 'hang'),
        signal: controller.signal,
      });
      const failing = failureOf(call);
      await expect.poll(() => callsOf(call.attemptId).length).toBe(1);
      controller.abort();
      expect(await failing).toMatchObject({ code: 'JOB_CANCELLED', charged: 'unknown' });
    });

    it('does not call at all when it was told to stop before', async () => {
      const call = textCall({ signal: AbortSignal.abort() });
      expect(await failureOf(call)).toMatchObject({ code: 'JOB_CANCELLED', charged: 'no' });
      expect(callsOf(call.attemptId)).toEqual([]);
    });

    it('is not charged when there is nobody to connect to', async () => {
      const { name, rig } = bench();
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      closed.close();
      const provider = await createProvider(name, { ...rig.settings, baseUrl: `http://127.0.0.1:${port}` });
      expect(await failureOf(textCall(), provider)).toMatchObject({ code: 'PROVIDER_UNREACHABLE', charged: 'no' });
    });
  });
}
