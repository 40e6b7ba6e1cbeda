/** Everything backends and apps may use of the producer. */
export type { Estimate } from './estimate-request.ts';
export type { AudioLink, ExplainedAudioAnswer } from './audio-answer.ts';
export type { AudioInput } from './audio-input.ts';
export type { AiCoreOptions } from './connections.ts';
export { createAiCore } from './create-ai-core.ts';
export type { AiCore } from './create-ai-core.ts';
export type { FoundRequest } from './find-request.ts';
export type { RecalledAnswer, RecalledRequest } from './recall-answer.ts';
export type { AudioCompanions, AudioHandle } from './request-audio.ts';
export { DEFAULT_TIMEOUT_MS } from './request-handle.ts';
export type { RequestHandle } from './request-handle.ts';
export type { RequestInput, WaitInput } from './request-input.ts';
export type { TextCompanions, TextHandle } from './request-text.ts';
export type { TextEvent } from './stream-answer.ts';
export type { ExplainedTextAnswer } from './text-answer.ts';
export type { TextInput } from './text-input.ts';
export { warmMemory } from './warm-memory.ts';
export type { WarmOptions, WarmReport, WarmTrouble } from './warm-memory.ts';
