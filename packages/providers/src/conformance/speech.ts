import { randomUUID } from 'node:crypto';
import { checkSound, speaksFormat, SPEECH_FORMATS, summariseMp3 } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../conformance.ts';
import type { SpeechCall, SpeechResult } from '../provider.ts';
import { COMMON_FAULTS, type Expected, expectFailure, failureOf, SECRET, TIMEOUTS, timeoutsFor } from './expect-failure.ts';

const TEXT = `Welcome to lesson five, dear ${SECRET}. Today we count to ten.`;

/** What each fault must come out as. */
const FAULTS: Readonly<Record<string, Expected>> = {
  ...COMMON_FAULTS,
  empty: { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
  'audio-json': { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
  'audio-cut': { code: 'PROVIDER_BAD_ANSWER', charged: 'yes' },
};

/**
 * Declares the part of the suite about speech.
 * @param inaudibleFaults faults of sound that the vendor's wire has no way of showing
 */
export function describeSpeech(bench: () => Bench, inaudibleFaults: readonly string[]): void {
  function speechCall(changes: Partial<SpeechCall> = {}): SpeechCall {
    const model = bench().rig.models.audio ?? '';
    const signal = new AbortController().signal;
    return {
      model,
      attemptId: randomUUID(),
      signal,
      timeouts: TIMEOUTS,
      options: {},
      text: TEXT,
      language: 'en',
      voice: null,
      format: 'mp3',
      ...changes,
    };
  }

  function generate(call: SpeechCall): Promise<SpeechResult> {
    const { provider } = bench();
    if (!provider.generateSpeech) throw new Error(`${provider.name} does not generate speech.`);
    return provider.generateSpeech(call);
  }

  const billOf = (attemptId: string) =>
    bench()
      .rig.billed()
      .filter((line) => line.attemptId === attemptId);
  const callsOf = (attemptId: string) =>
    bench()
      .rig.calls()
      .filter((call) => call.attemptId === attemptId);

  describe('for speech', () => {
    it.for([
      ['en', 'Welcome to lesson five. Today we learn how to count to ten.', 4],
      ['ja', 'ようこそ。今日は日本語の数え方を勉強しましょう。', 3.5],
    ] as const)('answers a whole MP3 of the right length, and what is on the bill, in %s', async ([language, text, seconds]) => {
      const call = speechCall({ language, text });
      const result = await generate(call);
      const [line] = billOf(call.attemptId);
      expect(summariseMp3(result.audio)?.seconds).toBe(result.seconds);
      expect(result.seconds).toBeGreaterThan(seconds * 0.7);
      expect(result.seconds).toBeLessThan(seconds * 1.4);
      expect(result).toMatchObject({ model: line?.model, usage: line?.usage, usageDoubt: null, ignoredOptions: [] });
      expect([line?.requestId, null]).toContain(result.providerRequestId);
      expect(callsOf(call.attemptId)).toHaveLength(1);
    });

    it.for(SPEECH_FORMATS)('answers a whole file of %s as long as its text, or says that it has none and asks nobody', async (format) => {
      const { name } = bench();
      const call = speechCall({ format });
      if (!speaksFormat(name, format)) {
        expect(await failureOf(generate(call))).toMatchObject({ code: 'REQUEST_INVALID', charged: 'no' });
        expect(callsOf(call.attemptId)).toEqual([]);
        return;
      }
      const result = await generate(call);
      const mp3 = await generate(speechCall());
      expect(result.seconds / mp3.seconds).toBeGreaterThan(0.7);
      expect(result.seconds / mp3.seconds).toBeLessThan(1.4);
      expect(checkSound(result.audio, format, { text: TEXT, language: 'en' })).toEqual({ seconds: result.seconds, problem: null });
      expect(result.usage).toEqual(billOf(call.attemptId)[0]?.usage);
      if (format !== 'pcm') expect(checkSound(result.audio.subarray(0, -3), format, { text: TEXT, language: 'en' }).problem).not.toBeNull();
    });

    it('speaks with the voice of the configuration when the caller names none', async () => {
      const { rig } = bench();
      const plain = await generate(speechCall());
      const configured = await generate(speechCall({ capabilities: { defaultVoices: { '*': rig.voices?.other ?? '' } } }));
      const named = await generate(speechCall({ voice: rig.voices?.other ?? '' }));
      expect(Buffer.compare(configured.audio, named.audio)).toBe(0);
      expect(Buffer.compare(configured.audio, plain.audio)).not.toBe(0);
    });

    it('knows that it does not know a voice, and is not charged for it', async () => {
      const call = speechCall({ voice: 'Nobody' });
      expect(await failureOf(generate(call))).toMatchObject({ code: 'VOICE_UNKNOWN', charged: 'no' });
      expect(billOf(call.attemptId)).toEqual([]);
    });

    it('leaves out an option that it cannot honour, and says so', async () => {
      const { ignoredOptions } = await generate(speechCall({ options: { reverberation: 3, quality: 'premium' } }));
      expect(ignoredOptions).toEqual(['reverberation']);
    });

    const audible = Object.entries(FAULTS).filter(([fault]) => !inaudibleFaults.includes(fault));
    it.concurrent.for(audible)('makes of %s what it is, after one call', async ([fault, expected]) => {
      const call = speechCall({ text: bench().rig.spoil(TEXT, fault), timeouts: timeoutsFor(fault) });
      expectFailure(await failureOf(generate(call)), expected, { bench: bench(), attemptId: call.attemptId });
    });

    it('stops at once when it is told to, and does not know whether the call was charged', async () => {
      const controller = new AbortController();
      const call = speechCall({ text: bench().rig.spoil(TEXT, 'hang'), signal: controller.signal });
      const failing = failureOf(generate(call));
      await expect.poll(() => callsOf(call.attemptId).length).toBe(1);
      controller.abort();
      expect(await failing).toMatchObject({ code: 'JOB_CANCELLED', charged: 'unknown' });
    });

    it('does not call at all when it was told to stop before', async () => {
      const call = speechCall({ signal: AbortSignal.abort() });
      expect(await failureOf(generate(call))).toMatchObject({ code: 'JOB_CANCELLED', charged: 'no' });
      expect(callsOf(call.attemptId)).toEqual([]);
    });
  });
}
