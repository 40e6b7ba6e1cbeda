import type { SpeechFormat } from '@ai-core/core';
import type { RequestInput } from './request-input.ts';

export interface AudioInput extends RequestInput {
  /** What is to be said. Longer than the engine takes at once is fine: it is spoken in parts and joined. */
  readonly text: string;
  /** BCP 47, such as `ja` or `en-GB`. */
  readonly language: string;
  /** A voice by its name or by the provider's id of it; absent = the default of the language. */
  readonly voiceId?: string | undefined;
  /** Default mp3. Other formats are other answers, and not every engine has them. */
  readonly format?: SpeechFormat | undefined;
}
