import { describe, expect, it } from 'vitest';
import { resolveVoice, type VoiceRequest } from './resolve-voice.ts';

const LILY = 'pFZP5JQG7iQjIQuC4Bku';
const OWN = { provider: 'elevenlabs', name: 'Yuki', voiceId: 'c'.repeat(20), languages: ['ja'] };
const ask = (changes: Partial<VoiceRequest>) => resolveVoice({ language: 'en', pin: null, voices: [OWN], ...changes });

describe('resolveVoice', () => {
  it.for([
    ['Lily', LILY, 'elevenlabs'],
    [LILY, LILY, 'elevenlabs'],
    ['yuki', 'c'.repeat(20), 'elevenlabs'],
    ['kore', 'Kore', 'gemini'],
    ['Alloy', 'alloy', 'openai'],
    ['ja-JP-Chirp3-HD-Kore', 'ja-JP-Chirp3-HD-Kore', 'google_tts'],
    ['x'.repeat(20), 'x'.repeat(20), 'elevenlabs'],
  ] as const)('knows whose voice %s is', ([voice, voiceId, provider]) => {
    expect(ask({ voice })).toEqual({ voiceId, provider });
  });

  it('wants no voice of anybody when none is named and nobody is', () => {
    expect(ask({})).toEqual({ voiceId: null, provider: null });
    expect(ask({ voice: ' ' })).toEqual({ voiceId: null, provider: null });
  });

  it('takes the default of the language of the engine that is named', () => {
    const pin = { provider: 'google_tts', capabilities: { defaultVoices: { ja: 'ja-JP-Neural2-B' } } } as const;
    expect(ask({ pin, language: 'ja' })).toEqual({ voiceId: 'ja-JP-Neural2-B', provider: 'google_tts' });
  });

  it('does not lend the voice of another provider to the engine that is named', () => {
    const pin = { provider: 'openai', capabilities: {} } as const;
    expect(() => ask({ pin, voice: 'Lily' })).toThrow('VOICE_UNKNOWN: openai has no voice named "Lily"');
  });

  it('says so when nobody knows the voice', () => {
    expect(() => ask({ voice: 'Nobody' })).toThrow('VOICE_UNKNOWN');
  });
});
