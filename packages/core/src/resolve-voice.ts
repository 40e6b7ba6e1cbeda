/** Whose voice a request for speech means, before anybody has been chosen to speak. */
import type { ProviderConfig } from './model.ts';
import { PROVIDER_NAMES, queueOf, type ProviderName } from './provider-facts.ts';
import { findVoice, isVoiceId, selectVoice, type KnownVoice } from './select-voice.ts';

export interface VoiceRequest {
  /** Name or id, as the caller gave it; absent = any. */
  readonly voice?: string | null | undefined;
  /** BCP 47. */
  readonly language: string;
  /** The engine the request names; null = AI Core chooses. */
  readonly pin: Pick<ProviderConfig, 'provider' | 'capabilities'> | null;
  readonly voices: readonly KnownVoice[];
}

export interface ResolvedVoice {
  /** The provider's id of the voice; null = the default of whoever speaks. */
  readonly voiceId: string | null;
  /** Whose voice it is; null when none is wanted. */
  readonly provider: ProviderName | null;
}

/** Google's ids are told by their form, so they come before names; the others in the order of the choice. */
const ASKED_IN_ORDER: readonly ProviderName[] = [
  'google_tts',
  'elevenlabs',
  ...PROVIDER_NAMES.filter((name) => name !== 'google_tts' && name !== 'elevenlabs' && queueOf(name, 'audio') !== undefined),
];

/**
 * The voice of a request, which is part of its identity. It depends on no worker and no key, so that one question has one hash. With a
 * named engine it is that engine's voice, its default for the language when none is wanted; otherwise the first provider that knows it.
 * @throws AiCoreError VOICE_UNKNOWN when the engine, or without one any provider, does not know it
 */
export function resolveVoice({ voice, language, pin, voices }: VoiceRequest): ResolvedVoice {
  if (pin !== null) {
    const { provider, capabilities } = pin;
    return { voiceId: selectVoice({ voice, language, provider, capabilities, voices }), provider };
  }
  const wanted = voice?.trim() ?? '';
  if (wanted === '') return { voiceId: null, provider: null };
  const question = { voice: wanted, language, capabilities: {}, voices };
  for (const provider of ASKED_IN_ORDER) {
    const voiceId = findVoice({ ...question, provider });
    if (voiceId !== null) return { voiceId, provider };
  }
  // Only ElevenLabs has voices that are its customers' own.
  if (isVoiceId(wanted)) return { voiceId: wanted, provider: 'elevenlabs' };
  return { voiceId: selectVoice({ ...question, provider: 'elevenlabs' }), provider: 'elevenlabs' };
}
