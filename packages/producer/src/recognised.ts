import type { TextRequest } from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';
import { LRUCache } from 'lru-cache';
import type { IdentifiedRequest } from './identified-request.ts';
import type { Conversation } from './redact-request.ts';

/** Longest life of an entry: no prompt stays in this process for longer after it was asked last. */
const MAX_AGE_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** A text request without personal data or contexts, as it was identified. */
export interface RecognisedText {
  /** What the identity was worked out with; under another one it has to be worked out again. */
  readonly snapshot: CatalogueSnapshot;
  readonly identified: Omit<IdentifiedRequest, 'request'>;
}

/**
 * Requests this process has just identified, so that a rush for one lesson is looked through for personal data and hashed once:
 * together that was a third of a memory hit's own work.
 */
export interface Recognised {
  /** @returns undefined for what has not been asked lately */
  get(words: Words): RecognisedText | undefined;
  set(words: Words, text: RecognisedText): void;
}

/** A checked request with what comes beside it. */
export interface Words {
  readonly request: TextRequest;
  readonly conversation: Conversation;
}

/** Everything of a request that its identity or its redaction depends on; who asks, how and how urgently is not part of it. */
function keyOf({ request, conversation }: Words): string {
  return JSON.stringify([
    request.request_type,
    request.prompt,
    request.options,
    request.known_names,
    request.selection_mode,
    request.provider,
    request.model,
    request.scope,
    request.user_category,
    request.max_cost_usd,
    request.cache,
    conversation.messages,
    conversation.tools,
  ]);
}

export function createRecognised(): Recognised {
  const cache = new LRUCache<string, RecognisedText>({
    maxSize: MAX_BYTES,
    ttl: MAX_AGE_MS,
    // The words are in the key and, apart, in the job.
    sizeCalculation: (_, key) => 1_024 + 4 * key.length,
  });
  return {
    get: (words) => cache.get(keyOf(words)),
    set: (words, text) => void cache.set(keyOf(words), text),
  };
}
