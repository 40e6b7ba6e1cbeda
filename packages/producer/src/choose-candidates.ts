import {
  batchTermsOf,
  countTokens,
  estimateTokens,
  parseMoney,
  priceAt,
  queueOfConfig,
  selectModel,
  type Candidate,
  type Explanation,
  type Price,
  type ProviderConfig,
  type RequestFacts,
  type SelectionInput,
} from '@ai-core/core';
import { readContexts, type CatalogueSnapshot, type Database } from '@ai-core/store';
import { boundCost } from './bound-cost.ts';
import type { IdentifiedRequest } from './identified-request.ts';

export interface ChoiceInput {
  readonly snapshot: CatalogueSnapshot;
  /** Where the texts of contexts are, should they have to be counted. */
  readonly database: Database;
  /** Emulated money has budgets of its own. */
  readonly simulated: boolean;
}

export interface Choice {
  /** The fallback chain, best first; at least one. */
  readonly candidates: readonly Candidate[];
  /** Every model considered, and why it was taken or not. */
  readonly explanation: readonly Explanation[];
}

/** A voice that is wanted is spoken by the provider who has it, as long as it can; the others have their own instead. */
function voiceFirst<Line extends { readonly provider: string }>(lines: readonly Line[], provider: string | null | undefined): Line[] {
  return lines.toSorted((one, two) => Number(two.provider === provider) - Number(one.provider === provider));
}

/** What a model is given to read, contexts aside. A conversation has the prompt in it. */
function textToRead({ job: { prompt, options } }: IdentifiedRequest): string {
  const { messages, system, response_format: format, tools } = options;
  const asked = messages === undefined ? prompt : JSON.stringify(messages);
  return [system, asked, format, tools]
    .filter((part) => part !== undefined)
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part)))
    .join('\n');
}

/**
 * Chooses the models that may answer, with the most a call of each can cost.
 * @throws the error of the model that came closest: MODEL_UNKNOWN, CONTEXT_TOO_LONG, BUDGET_EXCEEDED, NO_MODEL_AVAILABLE
 */
export async function chooseCandidates(identified: IdentifiedRequest, { snapshot, database, simulated }: ChoiceInput): Promise<Choice> {
  const { request, job, policy, options, promptHash } = identified;
  const facts: RequestFacts = {
    kind: job.kind,
    promptHash,
    options,
    language: job.language,
    format: job.kind === 'audio' ? (job.format ?? 'mp3') : undefined,
    selectionMode: request.selection_mode,
    provider: request.provider,
    model: request.model,
  };
  const contextBytes = identified.contexts.reduce((sum, { bytes }) => sum + bytes, 0);
  function costBound(config: ProviderConfig): {
    readonly priceId: string | null;
    readonly nanoUsd: bigint | null;
    readonly price: Price | null;
  } {
    const price = priceAt(snapshot.prices, { provider: config.provider, modelName: config.modelName, at: snapshot.takenAt });
    return { price, priceId: price?.id ?? null, nanoUsd: boundCost({ job, policy, contextBytes }, config, price) };
  }

  const text = textToRead(identified);
  const input: SelectionInput = {
    request: facts,
    policy,
    configs: snapshot.configs,
    experiments: snapshot.experiments,
    presence: snapshot.servedQueues,
    openCircuits: snapshot.openCircuits,
    spentProviders: snapshot.spentProviders[simulated ? 'simulated' : 'real'],
    today: snapshot.today,
    estimatedInputTokens: estimateTokens(text) + Math.ceil(contextBytes / 2),
    narrowing: identified.narrowing,
    costLimit:
      request.max_cost_usd === undefined
        ? undefined
        : { nanoUsd: parseMoney(request.max_cost_usd), of: (config) => costBound(config).nanoUsd },
  };
  let selection = selectModel(input);
  if (selection.worthCounting) {
    const contexts = identified.contexts.length === 0 ? [] : await readContexts(database, identified.contexts);
    const countedInputTokens = await countTokens([...contexts.map((context) => context.text), text].join('\n'));
    selection = selectModel({ ...input, countedInputTokens });
  }
  if (selection.failure !== null) throw selection.failure;
  const chain = request.selection_mode === 'manual' ? selection.candidates : voiceFirst(selection.candidates, job.voice_provider);
  const candidates = chain.map((config): Candidate => {
    const bound = costBound(config);
    return {
      provider: config.provider,
      model: config.modelName,
      queue: queueOfConfig(config, job.kind) ?? '',
      max_cost_nano_usd: bound.nanoUsd === null ? null : String(bound.nanoUsd),
      price_id: bound.priceId,
      context_tokens: config.maxTokens,
      ...(request.lane === 'batch' ? { batch: batchTermsOf({ config, price: bound.price, job, contextBytes }) } : {}),
    };
  });
  return { candidates, explanation: selection.explanation };
}
