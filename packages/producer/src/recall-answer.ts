import { AiCoreError, openValues } from '@ai-core/core';
import { getMemory } from '@ai-core/store';
import { speechFromMemory, type AudioLink } from './audio-answer.ts';
import type { Connections } from './connections.ts';
import { textFromMemory, type ExplainedTextAnswer } from './text-answer.ts';

/** A remembered answer as one earlier request was given it. */
export interface RecalledRequest {
  readonly memoryId: string;
  readonly requestId: string;
  /** As the handle of the request sealed it; null = it had no personal data. */
  readonly sealed: Uint8Array | null;
}

export type RecalledAnswer =
  | { readonly kind: 'text'; readonly answer: ExplainedTextAnswer }
  | { readonly kind: 'audio'; readonly answer: AudioLink };

/** The answer a request was given from memory, once more. @throws NOT_FOUND when it has been forgotten */
export async function recallAnswer(
  { database, sealKey, simulated, sounds }: Connections,
  { memoryId, requestId, sealed }: RecalledRequest,
): Promise<RecalledAnswer> {
  const found = await getMemory(database, memoryId);
  if (found === null) throw new AiCoreError('NOT_FOUND', 'the remembered answer has been forgotten');
  const values = sealed === null ? [] : openValues(sealed, { key: sealKey, requestId });
  const delivery = { simulated, latencyMs: 0, values };
  if (found.memory.kind === 'text') return { kind: 'text', answer: textFromMemory(found.memory, delivery) };
  const { file: _, ...answer } = await speechFromMemory(sounds, found.memory, delivery);
  return { kind: 'audio', answer };
}
