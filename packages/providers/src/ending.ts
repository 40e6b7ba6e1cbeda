import type { ErrorCode, Json, ToolCall, Usage } from '@ai-core/core';
import type { Charged } from './failure.ts';

/**
 * How an answer ended, in words that fit every provider.
 * complete: as the model wanted. length: cut off at the output limit. refused: the model or a filter declined.
 * context: it ran into the context window. absent: there is no answer in the answer. unfinished: the stream stopped
 * without saying why. strange: for a reason no answer of this kind should have.
 */
export type Ending = 'complete' | 'length' | 'refused' | 'context' | 'absent' | 'unfinished' | 'strange';

/** What an adapter read from any answer, before it was judged. */
export interface ReadingBase {
  readonly ending: Ending;
  /** The provider's own word for the ending, for messages. */
  readonly endingWord: string | null;
  /** The model that answered; null = the provider did not say. */
  readonly model: string | null;
  /** undefined = the provider did not say. */
  readonly usage: Usage | undefined;
  readonly rawUsage: Json;
  /** The provider's id of the call where it stands in the body; otherwise it is taken from the headers. */
  readonly requestId?: string | null | undefined;
}

export interface TextReading extends ReadingBase {
  readonly text: string;
  /** Functions the model called; absent = none. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Counted here with a tokenizer, where the provider did not say. */
  readonly countedUsage?: Usage | undefined;
}

/** Everything a model has written, as one text: what it is billed for. */
export function receivedText({ text, toolCalls = [] }: Pick<TextReading, 'text' | 'toolCalls'>): string {
  return [text, ...toolCalls.map((call) => call.name + call.arguments)].join('');
}

export interface SpeechReading extends ReadingBase {
  /** A file of the format that was asked for. */
  readonly audio: Uint8Array;
  /** How many calls at once the vendor says our account may make; absent = it does not say. */
  readonly mostAtOnce?: number | null;
}

export interface BadEnding {
  readonly code: ErrorCode;
  readonly says: string;
  readonly charged: Charged;
}

/** Endings that make an answer useless. All arrive as HTTP 200. */
export const BAD_ENDINGS: Readonly<Record<Exclude<Ending, 'complete'>, BadEnding>> = {
  length: { code: 'PROVIDER_BAD_ANSWER', says: 'was cut off at the output limit before it had finished', charged: 'yes' },
  refused: { code: 'PROVIDER_REFUSED', says: 'declined to answer', charged: 'yes' },
  context: { code: 'CONTEXT_TOO_LONG', says: 'ran into the end of its context window', charged: 'yes' },
  absent: { code: 'PROVIDER_BAD_ANSWER', says: 'gave an answer without content', charged: 'yes' },
  unfinished: { code: 'PROVIDER_BAD_ANSWER', says: 'stopped in the middle of its answer', charged: 'unknown' },
  strange: { code: 'PROVIDER_BAD_ANSWER', says: 'ended its answer for an unexpected reason', charged: 'yes' },
};
