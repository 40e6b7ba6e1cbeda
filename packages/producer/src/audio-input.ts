import type { RequestInput } from './request-input.ts';

export interface AudioInput extends RequestInput {
  /** What is to be said. Longer than the engine takes at once is fine: it is spoken in parts and joined. */
  readonly text: string;
  /** BCP 47, such as `ja` or `en-GB`. */
  readonly language: string;
  /** A voice by its name or by the provider's id of it; absent = the default of the language. */
  readonly voiceId?: string | undefined;
}
