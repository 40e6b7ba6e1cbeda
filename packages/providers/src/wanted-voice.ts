import { defaultVoice } from '@ai-core/core';
import type { SpeechCall } from './provider.ts';

/** @returns the voice of the caller, else the configuration's for the language; undefined when nobody has named one */
export function wantedVoice({ voice, language, capabilities = {} }: SpeechCall): string | undefined {
  return voice ?? defaultVoice(capabilities, language) ?? undefined;
}
