import {
  AiCoreError,
  boundTokens,
  estimateTokens,
  maxCost,
  parseMoney,
  priceAt,
  queueOf,
  selectModel,
  type Candidate,
  type Explanation,
  type ProviderConfig,
} from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';
import type { IdentifiedRequest } from './identify-request.ts';

export interface Choice {
  /** The fallback chain, best first. */
  readonly candidates: readonly Candidate[];
  /** Every model considered, and why it was taken or not. */
  readonly explanation: readonly Explanation[];
  /** The most tokens the answer may have. */
  readonly maxOutputTokens: number;
}

/**
 * Chooses the models that may answer, with the most each can cost.
 * @throws MODEL_UNKNOWN, CONTEXT_TOO_LONG, NO_MODEL_AVAILABLE naming what is missing, BUDGET_EXCEEDED when every model can cost more than the request allows
 */
export function chooseCandidates(identified: IdentifiedRequest, snapshot: CatalogueSnapshot): Choice {
  const { request, policy, options, promptHash } = identified;
  const asked = typeof options['max_tokens'] === 'number' ? options['max_tokens'] : policy.maxOutputTokens;
  const selection = selectModel({
    kind: 'text',
    requestType: request.request_type,
    options,
    selectionMode: request.selection_mode,
    provider: request.provider,
    model: request.model,
    policy,
    configs: snapshot.configs,
    servedQueues: snapshot.servedQueues,
    openCircuits: snapshot.openCircuits,
    today: snapshot.today,
    estimatedInputTokens: estimateTokens(request.prompt),
    maxOutputTokens: asked,
    promptHash,
  });
  const limit = request.max_cost_usd === undefined ? null : parseMoney(request.max_cost_usd);
  const candidates = selection.candidates.map((config) => toCandidate(config, identified, snapshot, asked));
  const affordable = limit === null ? candidates : candidates.filter((candidate) => candidate.max_cost_nano_usd !== null && BigInt(candidate.max_cost_nano_usd) <= limit);
  if (affordable.length === 0 && candidates.length > 0) {
    throw new AiCoreError('BUDGET_EXCEEDED', 'every model that could answer can cost more than max_cost_usd allows');
  }
  return { candidates: affordable, explanation: selection.explanation, maxOutputTokens: asked };
}
