import { primaryTag } from './locale.ts';
import type { SpeechCall } from './provider.ts';

/**
 * The voice of a call: the caller's, else the configuration's for the language, else the configuration's for all.
 * @returns undefined when nobody has named one
 */
export function chooseVoice({
  voice,
  language,
  capabilities,
}: Pick<SpeechCall, 'voice' | 'language' | 'capabilities'>): string | undefined {
  const defaults = capabilities?.defaultVoices ?? {};
  return voice ?? defaults[language.toLowerCase()] ?? defaults[primaryTag(language)] ?? defaults['*'];
}
