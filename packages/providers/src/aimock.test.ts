/**
 * The adapters against an emulator that is not ours. It knows OpenAI, Claude, Gemini (v1beta) and ElevenLabs; it sends no request
 * ids, none of the finer counts and no Google speech, so the rest of the conformance suite stays with our own simulator.
 */
import { randomUUID } from 'node:crypto';
import type { ErrorCode, ProviderName } from '@ai-core/core';
import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, TIMEOUTS } from './conformance/expect-failure.ts';
import { encodeMp3 } from './encode-mp3.ts';
import type { Charged } from './failure.ts';
import type { Provider, SpeechCall, SpeechResult, TextCall, TextResult } from './provider.ts';
import { createProvider } from './registry.ts';

const KEY = 'sk-oracle-0815';
const ANSWER = 'Photosynthesis turns light into sugar. 光合成 🎓';
const READ = { prompt_tokens: 21, input_tokens: 21, promptTokenCount: 21 };
const COUNTS = { ...READ, completion_tokens: 17, output_tokens: 17, candidatesTokenCount: 17 };
const NOTHING_WRITTEN = { ...READ, completion_tokens: 0, output_tokens: 0, candidatesTokenCount: 0 };

type Outcome = readonly [code: ErrorCode, charged: Charged, retryAfterMs?: number];

/** Errors by status, each answered once; it does so for texts only. */
const STATUSES: readonly (readonly [status: number, error: { message: string; type?: string; code?: string }, Outcome])[] = [
  [401, { message: 'bad key', type: 'authentication_error' }, ['PROVIDER_AUTH', 'no']],
  [429, { message: 'no credit', type: 'insufficient_quota', code: 'insufficient_quota' }, ['PROVIDER_QUOTA_EXHAUSTED', 'no']],
  [500, { message: 'oops', type: 'server_error' }, ['PROVIDER_OVERLOADED', 'no']],
  [503, { message: 'later' }, ['PROVIDER_OVERLOADED', 'no']],
  [529, { message: 'busy', type: 'overloaded_error' }, ['PROVIDER_OVERLOADED', 'no']],
];

/** What its chaos makes of every call. */
const CHAOS: readonly (readonly [string, Parameters<LLMock['setChaos']>[0], Outcome])[] = [
  ['a rate limit', { rateLimitRate: 1 }, ['PROVIDER_RATE_LIMITED', 'no', 1_000]],
  ['a dropped request', { dropRate: 1 }, ['PROVIDER_OVERLOADED', 'no', undefined]],
  ['a body that is no JSON', { malformedRate: 1 }, ['PROVIDER_BAD_ANSWER', 'unknown', undefined]],
  ['a cut connection', { disconnectRate: 1 }, ['PROVIDER_UNREACHABLE', 'unknown', undefined]],
];

/** Starts the emulator for the tests of one describe block. @returns it, and what gives the adapter once it runs */
function useVendor(name: ProviderName, path: string): { readonly vendor: LLMock; readonly provider: () => Provider } {
  const vendor = new LLMock({ port: 0, logLevel: 'silent' });
  let provider: Provider | undefined;
  beforeAll(async () => {
    await vendor.start();
    provider = await createProvider(name, { apiKey: KEY, baseUrl: `${vendor.url}${path}` });
  });
  afterAll(() => vendor.stop());
  beforeEach(() => {
    vendor.clearChaos();
    vendor.clearFixtures();
    vendor.clearRequests();
  });
  return {
    vendor,
    provider() {
      if (!provider) throw new Error('the emulator is not running');
      return provider;
    },
  };
}

const base = () => ({ attemptId: randomUUID(), signal: new AbortController().signal, timeouts: TIMEOUTS, options: {} });

describe.each<[ProviderName, string, string]>([
  ['openai', '/v1', 'gpt-6-luna'],
  ['local_small_model', '/v1', 'zporta_v1'],
  ['claude', '', 'claude-haiku-5-5'],
  ['gemini', '', 'gemini-3.5-flash-lite'],
])('texts of the %s adapter against an independent emulator', (name, path, model) => {
  const { vendor, provider } = useVendor(name, path);
  function generate(changes: Partial<TextCall> = {}): Promise<TextResult> {
    const call: TextCall = { ...base(), model, prompt: 'Explain photosynthesis', maxOutputTokens: 500, ...changes };
    return provider().generateText?.(call) ?? Promise.reject(new Error(`${name} does not generate text`));
  }

  it('are read with their counts, whole and streamed', async () => {
    vendor.onMessage(/photosynthesis/, { content: ANSWER, usage: COUNTS });
    const expected = { text: ANSWER, usage: { inputTokens: 21, outputTokens: 17, estimated: false }, usageDoubt: null };
    expect(await generate()).toMatchObject(expected);
    let streamed = '';
    expect(await generate({ onDelta: (piece) => (streamed += piece) })).toMatchObject(expected);
    expect(streamed).toBe(ANSWER);
    expect(vendor.getRequests()).toHaveLength(2);
  });

  it('are not taken when they were cut off or are empty', async () => {
    vendor.onMessage(/cut/, { content: ANSWER, usage: COUNTS, finishReason: 'length' });
    vendor.onMessage(/empty/, { content: '', usage: COUNTS });
    for (const prompt of ['cut', 'empty']) {
      expect(await failureOf(generate({ prompt }))).toMatchObject({ code: 'PROVIDER_BAD_ANSWER', charged: 'yes' });
    }
  });

  it('are not believed to be made of nothing', async () => {
    vendor.onMessage(/photosynthesis/, { content: ANSWER, usage: NOTHING_WRITTEN });
    const { usage, usageDoubt } = await generate();
    expect([usageDoubt, usage.estimated]).toEqual(['implausible', true]);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  describe.each([
    ['whole', undefined],
    ['streamed', () => undefined],
  ] as const)('that come %s', (_, onDelta) => {
    it.for(STATUSES)('fail with HTTP %i %o as what it is, after one call', async ([status, error, [code, charged]]) => {
      vendor.nextRequestError(status, error);
      expect(await failureOf(generate({ onDelta }))).toMatchObject({ code, charged });
      expect(vendor.getRequests()).toHaveLength(1);
    });

    it.for(CHAOS)('fail by %s as what it is, after one call', async ([, chaos, [code, charged, retryAfterMs]]) => {
      vendor.setChaos(chaos);
      const failure = await failureOf(generate({ onDelta }));
      expect([failure.code, failure.charged, failure.retryAfterMs]).toEqual([code, charged, retryAfterMs]);
      expect(vendor.getRequests()).toHaveLength(1);
      expect(String(failure)).not.toContain(KEY);
    });
  });
});

describe.each<[ProviderName, string, string, string]>([
  ['openai', '/v1', 'tts-1', 'nova'],
  ['elevenlabs', '', 'eleven_multilingual_v2', 'pFZP5JQG7iQjIQuC4Bku'],
])('speech of the %s adapter against an independent emulator', (name, path, model, voice) => {
  const { vendor, provider } = useVendor(name, path);
  function speak(): Promise<SpeechResult> {
    const call: SpeechCall = { ...base(), model, text: 'Good morning.', language: 'en', voice, format: 'mp3' };
    return provider().generateSpeech?.(call) ?? Promise.reject(new Error(`${name} does not speak`));
  }

  it('is read as it comes', async () => {
    const sound = Buffer.from(await encodeMp3(new Uint8Array(2 * 24_000 * 2), 24_000));
    const audio = { audio: sound.toString('base64'), format: 'mp3' };
    vendor.onSpeech(/morning/, audio).onElevenLabsTTS(/morning/, audio);
    const result = await speak();
    expect(Buffer.from(result.audio).equals(sound)).toBe(true);
    expect(result.seconds).toBeCloseTo(2, 0);
    expect(JSON.stringify(vendor.getLastRequest()?.body)).toContain('Good morning.');
  });

  it.for(CHAOS)('fails by %s as what it is, after one call', async ([, chaos, [code, charged, retryAfterMs]]) => {
    vendor.setChaos(chaos);
    const failure = await failureOf(speak());
    expect([failure.code, failure.charged, failure.retryAfterMs]).toEqual([code, charged, retryAfterMs]);
    expect(vendor.getRequests()).toHaveLength(1);
    expect(String(failure)).not.toContain(KEY);
  });
});
