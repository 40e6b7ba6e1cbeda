import type { Json, Usage } from '@ai-core/core';

/**
 * How an answer ended, in words that fit every provider.
 * complete: as the model wanted. length: cut off at the output limit. refused: the model or a filter declined.
 * context: it ran into the context window. absent: there is no answer in the answer. unfinished: the stream stopped
 * without saying why. strange: for a reason no text answer should have.
 */
export type TextEnding = 'complete' | 'length' | 'refused' | 'context' | 'absent' | 'unfinished' | 'strange';

/** What an adapter read from a provider's answer, before anything was judged. */
export interface TextReading {
  readonly text: string;
  readonly ending: TextEnding;
  /** The provider's own word for the ending, for messages. */
  readonly endingWord: string | null;
  /** The model that answered; null = the provider did not say. */
  readonly model: string | null;
  /** undefined = the provider did not say. */
  readonly usage: Usage | undefined;
  readonly rawUsage: Json;
}
