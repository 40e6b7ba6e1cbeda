import type { Json } from '@ai-core/core';
import type { RequestInput } from './request-input.ts';

export interface TextInput extends RequestInput {
  readonly requestType: string;
  readonly prompt: string;
  /** The text is wanted while it is made: the provider is asked to stream, and the handle's events() bring the pieces. */
  readonly stream?: boolean | undefined;
  /** A whole conversation, each entry with `role` and `content`; `prompt` is then its last text of the user. */
  readonly messages?: Json | undefined;
  /** Functions the model may call, as OpenAI takes them. Such an answer is the caller's alone: neither shared nor remembered. */
  readonly tools?: Json | undefined;
}
