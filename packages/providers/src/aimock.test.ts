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
import type { Provider, SpeechCall, TextCall } from './provider.ts';
import { createProvider } from './registry.ts';

interface Emulated {
  readonly path: string;
  readonly text?: string;
  readonly audio?: string;
}

const EMULATED: Readonly<Partial<Record<ProviderName, Emulated>>> = {
  openai: { path: '/v1', text: 'gpt-6-luna', audio: 'tts-1' },
  local_small_model: { path: '/v1', text: 'zporta_v1' },
  claude: { path: '', text: 'claude-haiku-5-5' },
  gemini: { path: '', text: 'gemini-3.5-flash-lite' },
  elevenlabs: { path: '', audio: 'eleven_multilingual_v2' },
};
const KEY = 'sk-oracle-0815';
const ANSWER = 'Photosynthesis turns light into sugar. 光合成 🎓';
const COUNTS = {
  prompt_tokens: 21,
  completion_tokens: 17,
  input_tokens: 21,
  output_tokens: 17,
  promptTokenCount: 21,
  candidatesTokenCount: 17,
};

type Outcome = readonly [code: ErrorCode, charged: Charged, retryAfterMs?: number];

/** Errors by status, each answered once. */
const STATUSES: readonly (readonly [status: number, error: { message: string; type?: string; code?: string }, Outcome])[] = [
  [401, { message: 'bad key', type: 'authentication_error' }, ['PROVIDER_AUTH', 'no']],
  [429, { message: 'no credit', type: 'insufficient_quota', code: 'insufficient_quota' }, ['PROVIDER_QUOTA_EXHAUSTED', 'no']],
  [500, { message: 'oops', type: 'server_error' }, ['PROVIDER_OVERLOADED', 'no']],
  [503, { message: 'later' }, ['PROVIDER_OVERLOADED', 'no']],
  [529, { message: 'busy', type: 'overloaded_error' }, ['PROVIDER_OVERLOADED', 'no']],
];

/** What its chaos makes of every call. */
const CHAOS: Readonly<Record<string, readonly [Parameters<LLMock['setChaos']>[0], Outcome]>> = {
  'a rate limit': [{ rateLimitRate: 1 }, ['PROVIDER_RATE_LIMITED', 'no', 1_000]],
  'a dropped request': [{ dropRate: 1 }, ['PROVIDER_OVERLOADED', 'no']],
  'a body that is no JSON': [{ malformedRate: 1 }, ['PROVIDER_BAD_ANSWER', 'unknown']],
  'a cut connection': [{ disconnectRate: 1 }, ['PROVIDER_UNREACHABLE', 'unknown']],
};

for (const [name, { path, ...models }] of Object.entries(EMULATED) as [ProviderName, Emulated][]) {
  describe(`the ${name} adapter against an independent emulator`, () => {
    const vendor = new LLMock({ port: 0, logLevel: 'silent' });
    let provider: Provider;
    beforeAll(async () => {
      await vendor.start();
      provider = await createProvider(name, { apiKey: KEY, baseUrl: `${vendor.url}${path}` });
    });
    afterAll(() => vendor.stop());
    beforeEach(async () => {
      vendor.clearChaos();
      vendor.clearFixtures();
      vendor.clearRequests();
    });

    const base = () => ({ attemptId: randomUUID(), signal: new AbortController().signal, timeouts: TIMEOUTS, options: {} });
    function textCall(changes: Partial<TextCall> = {}) {
      const call: TextCall = { ...base(), model: models.text ?? '', prompt: 'Explain photosynthesis', maxOutputTokens: 500, ...changes };
      if (!provider.generateText) throw new Error(`${name} does not generate text`);
      return provider.generateText(call);
    }
    function speechCall(changes: Partial<SpeechCall> = {}) {
      const call: SpeechCall = { ...base(), model: models.audio ?? '', text: 'Good morning.', language: 'en', voice: null, ...changes };
      if (!provider.generateSpeech) throw new Error(`${name} does not speak`);
      return provider.generateSpeech(call);
    }

    /** Every way this provider can be called. */
    const ways: [string, () => Promise<unknown>][] = [
      ...(models.text === undefined
        ? []
        : ([
            ['a text', () => textCall()],
            ['a streamed text', () => textCall({ onDelta: () => undefined })],
          ] as [string, () => Promise<unknown>][])),
      ...(models.audio === undefined ? [] : ([['speech', () => speechCall()]] as [string, () => Promise<unknown>][])),
    ];

    if (models.text !== undefined) {
      it('reads a text and its counts, whole and streamed', async () => {
        vendor.onMessage(/photosynthesis/, { content: ANSWER, usage: COUNTS });
        const expected = { text: ANSWER, usage: { inputTokens: 21, outputTokens: 17, estimated: false }, usageDoubt: null };
        expect(await textCall()).toMatchObject(expected);
        let streamed = '';
        expect(await textCall({ onDelta: (piece) => (streamed += piece) })).toMatchObject(expected);
        expect(streamed).toBe(ANSWER);
        expect(vendor.getRequests()).toHaveLength(2);
      });

      it('takes no answer that was cut off or declined', async () => {
        vendor.onMessage(/cut/, { content: ANSWER, usage: COUNTS, finishReason: 'length' });
        vendor.onMessage(/decline/, { content: '', usage: COUNTS, finishReason: 'content_filter' });
        expect(await failureOf(textCall({ prompt: 'cut' }))).toMatchObject({ code: 'PROVIDER_BAD_ANSWER', charged: 'yes' });
        const declined = await failureOf(textCall({ prompt: 'decline' }));
        expect(['PROVIDER_REFUSED', 'PROVIDER_BAD_ANSWER']).toContain(declined.code);
        expect(declined.charged).toBe('yes');
      });

      it('does not believe an answer that was made of nothing', async () => {
        vendor.onMessage(/photosynthesis/, {
          content: ANSWER,
          usage: { ...COUNTS, completion_tokens: 0, output_tokens: 0, candidatesTokenCount: 0 },
        });
        const { usage, usageDoubt } = await textCall();
        expect([usageDoubt, usage.estimated]).toEqual(['implausible', true]);
        expect(usage.outputTokens).toBeGreaterThan(0);
      });
    }

    if (models.audio !== undefined) {
      it('reads sound', async () => {
        const sound = Buffer.from(await encodeMp3(new Uint8Array(2 * 24_000 * 2), 24_000));
        const audio = { audio: sound.toString('base64'), format: 'mp3' };
        vendor.onSpeech(/morning/, audio).onElevenLabsTTS(/morning/, audio);
        const result = await speechCall({ voice: name === 'elevenlabs' ? 'pFZP5JQG7iQjIQuC4Bku' : 'nova' });
        expect(Buffer.from(result.audio).equals(sound)).toBe(true);
        expect(result.seconds).toBeCloseTo(2, 0);
        expect(JSON.stringify(vendor.getLastRequest()?.body)).toContain('Good morning.');
      });
    }

    describe.each(ways)('calling for %s', (way, call) => {
      // It answers single errors for texts only.
      it.for(way === 'speech' ? [] : STATUSES)('makes of HTTP %i %o what it is, after one call', async ([status, error, [code, charged]]) => {
        vendor.nextRequestError(status, error);
        expect(await failureOf(call())).toMatchObject({ code, charged });
        expect(vendor.getRequests()).toHaveLength(1);
      });

      it.for(Object.entries(CHAOS))('makes of %s what it is, after one call', async ([, [chaos, [code, charged, retryAfterMs]]]) => {
        vendor.setChaos(chaos);
        const failure = await failureOf(call());
        expect([failure.code, failure.charged, failure.retryAfterMs]).toEqual([code, charged, retryAfterMs]);
        expect(vendor.getRequests()).toHaveLength(1);
        expect(String(failure)).not.toContain(KEY);
      });
    });
  });
}
