import {
  decideHashOptions,
  isShareable,
  parseMoney,
  promptHash,
  resolvePolicy,
  type Json,
  type Narrowing,
  type RequestTypePolicy,
  type RequestTypePolicyRow,
  type TextRequest,
} from '@ai-core/core';
import type { ContextVersion } from '@ai-core/store';

/** A request that has been checked and has its identity. Nothing is chosen yet: a remembered answer needs no model. */
export interface IdentifiedRequest {
  readonly request: TextRequest;
  readonly policy: RequestTypePolicy;
  /** The caller's options and whatever else decides the answer. */
  readonly options: Readonly<Record<string, Json>>;
  readonly promptHash: string;
  /** What the request names, at the versions it gets. */
  readonly contexts: readonly ContextVersion[];
  /** False: neither joined nor remembered. */
  readonly shared: boolean;
  /** What the category of the user allows. */
  readonly narrowing: Narrowing;
}

/** What stands beside a request and decides its answer as well. */
export interface RequestContext {
  readonly policies: readonly RequestTypePolicyRow[];
  readonly narrowing: Narrowing;
  readonly messages?: Json | undefined;
  readonly tools?: Json | undefined;
  /** What the request names, at the versions it gets. */
  readonly contexts: readonly ContextVersion[];
}

/**
 * Works out what a request is: its type's policy and its hash.
 * @throws REQUEST_INVALID for text that cannot be stored or is longer than its type allows
 */
export function identifyRequest(request: TextRequest, context: RequestContext): IdentifiedRequest {
  const { narrowing, contexts } = context;
  const policy = resolvePolicy(context.policies, request.request_type);
  const options = decideHashOptions({
    options: request.options,
    selectionMode: request.selection_mode,
    messages: context.messages,
    tools: context.tools,
    narrowing,
    maxCostNanoUsd: request.max_cost_usd === undefined ? undefined : parseMoney(request.max_cost_usd),
    contexts,
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
  const shared = request.cache !== 'bypass' && isShareable(options);
  return { request, policy, options, promptHash: hash, contexts, shared, narrowing };
}
