/** Everything backends and apps may use of the producer. */
export type { AiCoreOptions } from './connections.ts';
export { createAiCore } from './create-ai-core.ts';
export type { AiCore } from './create-ai-core.ts';
export type { FoundRequest } from './find-request.ts';
export { DEFAULT_TIMEOUT_MS } from './request-text.ts';

export type { TextEvent } from './stream-answer.ts';
export type { TextCompanions, TextHandle } from './request-text.ts';
export type { ExplainedTextAnswer } from './text-answer.ts';
export type { RequestInput, TextInput, WaitInput } from './text-input.ts';
