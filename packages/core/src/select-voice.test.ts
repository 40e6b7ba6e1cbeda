import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue.ts';
import { PUBLIC_VOICES } from './select-voice-names.ts';
import { selectVoice, type KnownVoice, type VoiceQuestion } from './select-voice.ts';

const LILY = 'pFZP5JQG7iQjIQuC4Bku';
const OWN: KnownVoice[] = [
  { provider: 'elevenlabs', name: 'Yuki - Calm Teacher', voiceId: 'a'.repeat(20), languages: ['en'] },
  { provider: 'elevenlabs', name: 'Yuki', voiceId: 'b'.repeat(20), languages: ['ja-JP'] },
  { provider: 'google_tts', name: 'Narrator', voiceId: 'ja-JP-Neural2-B', languages: [] },
];

function ask(question: Partial<VoiceQuestion>): string | null {
  return selectVoice({ provider: 'elevenlabs', capabilities: {}, language: 'ja', voices: OWN, ...question });
}

describe('selectVoice', () => {
  it.for([
    ['Lily', LILY],
    [' lily ', LILY],
    ['ＬＩＬＹ', LILY],
    [LILY, LILY],
    ['0123456789abcdefghij', '0123456789abcdefghij'],
  ] as const)('understands %s of elevenlabs', ([voice, id]) => {
    expect(ask({ voice })).toBe(id);
  });

  it.for([
    ['openai', 'Alloy', 'alloy'],
    ['gemini', 'kore', 'Kore'],
    ['google_tts', 'ja-JP-Chirp3-HD-Kore', 'ja-JP-Chirp3-HD-Kore'],
    ['google_tts', 'cmn-CN-Wavenet-A', 'cmn-CN-Wavenet-A'],
    ['google_tts', 'narrator', 'ja-JP-Neural2-B'],
  ] as const)('understands the voices of %s: %s', ([provider, voice, id]) => {
    expect(ask({ provider, voice })).toBe(id);
  });

  it('prefers the known voice that speaks the language, and finds the others too', () => {
    expect(ask({ voice: 'yuki', language: 'ja' })).toBe('b'.repeat(20));
    expect(ask({ voice: 'Yuki - calm teacher', language: 'ja' })).toBe('a'.repeat(20));
    expect(ask({ voice: 'Yuki', language: 'fr' })).toBe('b'.repeat(20));
  });

  it('lets the voices of the account win over the public ones of the same name', () => {
    const voices = [{ provider: 'elevenlabs', name: 'Lily', voiceId: 'mine', languages: [] }];
    expect(ask({ voice: 'Lily', voices })).toBe('mine');
    expect(ask({ voice: 'Lily', provider: 'elevenlabs', voices: [{ ...OWN[2], name: 'Lily' } as KnownVoice] })).toBe(LILY);
  });

  it('takes the default of the language when the caller names none', () => {
    const capabilities = { defaultVoices: { 'en-gb': 'british', en: 'english', '*': 'any' } };
    expect(ask({ capabilities, language: 'en-GB' })).toBe('british');
    expect(ask({ capabilities, language: 'en-US', voice: null })).toBe('english');
    expect(ask({ capabilities, language: 'ja', voice: '  ' })).toBe('any');
    expect(ask({ capabilities: {}, language: 'ja' })).toBeNull();
  });

  it('names the nearest voices when there is none of that name', () => {
    expect(() => ask({ voice: 'Lilly' })).toThrow('VOICE_UNKNOWN: elevenlabs has no voice named "Lilly"; the nearest are Lily,');
    expect(() => ask({ voice: 'aloy', provider: 'openai' })).toThrow('the nearest are alloy,');
    expect(() => ask({ voice: 'Kore', provider: 'google_tts', voices: [] })).toThrow('"Kore"; name one of its voice ids');
  });

  it('gives an id that stands for itself, so that asking twice changes nothing', () => {
    const names = fc.constantFrom(
      ...Object.entries(PUBLIC_VOICES).flatMap(([provider, voices]) => Object.keys(voices).map((name) => ({ provider, name }))),
    );
    fc.assert(
      fc.property(names, ({ provider, name }) => {
        const question = { provider: provider as VoiceQuestion['provider'], voices: [] };
        const id = ask({ ...question, voice: name });
        return id !== null && ask({ ...question, voice: id }) === id;
      }),
    );
  });

  it('knows every default voice of the catalogue', () => {
    const defaults = CATALOGUE.filter(({ kind }) => kind === 'audio').flatMap(({ provider, capabilities }) =>
      Object.values(capabilities.defaultVoices ?? {}).map((voice) => ({ provider, voice })),
    );
    expect(new Set(defaults.map(({ provider }) => provider))).toEqual(new Set(['elevenlabs', 'gemini', 'google_tts', 'openai']));
    for (const { provider, voice } of defaults) expect(ask({ provider, voice, voices: [] })).toBe(voice);
  });
});
