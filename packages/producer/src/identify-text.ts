import {
  decideHashOptions,
  isShareable,
  narrowingOf,
  outputTokensOf,
  parseMoney,
  promptHash,
  resolvePolicy,
  type TextRequest,
} from '@ai-core/core';
import type { CatalogueSnapshot, ContextVersion } from '@ai-core/store';
import type { IdentifiedRequest } from './identified-request.ts';
import type { Conversation } from './redact-request.ts';

/** A text request, and what comes with it. */
export interface AskedText {
  readonly request: TextRequest;
  readonly conversation: Conversation;
  /** What it names, at the versions it gets. */
  readonly contexts: readonly ContextVersion[];
  /** Somebody watches the text come. */
  readonly stream: boolean;
}

/**
 * Works out what a text request is: its type's policy and its hash.
 * @throws REQUEST_INVALID for text that cannot be stored or is longer than its type allows
 */
export function identifyText({ request, conversation, contexts, stream }: AskedText, snapshot: CatalogueSnapshot): IdentifiedRequest {
  const policy = resolvePolicy(snapshot.policies, request.request_type);
  const narrowing = narrowingOf(snapshot.categories, request.user_category);
  const options = decideHashOptions({
    options: request.options,
    selectionMode: request.selection_mode,
    ...conversation,
    narrowing,
    contexts,
    maxCostNanoUsd: request.max_cost_usd === undefined ? undefined : parseMoney(request.max_cost_usd),
  });
  const { hash } = promptHash(
    {
      kind: 'text',
      request_type: request.request_type,
      prompt: request.prompt,
      options,
      selection_mode: request.selection_mode,
      provider: request.provider,
      model: request.model,
      scope: request.scope,
      normalization: policy.normalization,
    },
    { maxCharacters: policy.maxPromptCharacters },
  );
  return {
    request,
    job: {
      kind: 'text',
      request_type: request.request_type,
      prompt: request.prompt,
      options,
      selection_mode: request.selection_mode,
      max_output_tokens: outputTokensOf({ maxOutputTokens: null }, { request: { options }, policy }),
      ...(stream ? { stream } : {}),
    },
    policy,
    options,
    promptHash: hash,
    contexts,
    scope: request.scope,
    shared: request.cache !== 'bypass' && isShareable(options),
    narrowing,
  };
}
