import { CATALOGUE, computeCost, NO_USAGE, priceOfCall, pricesOf, type Kind, type Price, type Usage } from '@ai-core/core';

/** A call that is to be priced. */
export interface ChargedCall {
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
}

/** Who answers everything where nobody chooses: the guide's own models before it chooses by tier. */
export const WITHOUT_CHOICE = {
  text: { provider: 'openai', model: 'gpt-4o' },
  audio: { provider: 'elevenlabs', model: 'eleven_multilingual_v2' },
} as const satisfies Record<Kind, Omit<ChargedCall, 'usage'>>;

const PRICES: readonly Price[] = CATALOGUE.flatMap((model) => pricesOf(model).map((price) => ({ ...price, id: '' })));

/**
 * What calls cost by the prices of the catalogue.
 * @throws Error when one of them has no price: what is not known is not counted as nothing
 */
export function priceCalls(calls: readonly ChargedCall[], at: Date): bigint {
  return calls.reduce((sum, { provider, model, usage }) => {
    const { nanoUsd } = computeCost(usage, priceOfCall(PRICES, { provider, answered: model, asked: model, at }));
    if (nanoUsd === null) throw new Error(`a call of ${provider}/${model} has no price in the catalogue`);
    return sum + nanoUsd;
  }, 0n);
}

/**
 * The same work by the models of WITHOUT_CHOICE: as much text in and out, as many characters of speech. Reasoning and prompt caches
 * are the other model's own and left out.
 */
export function withoutChoice({ usage }: ChargedCall, kind: Kind): ChargedCall {
  const { inputTokens, outputTokens, reasoningTokens, characters } = usage;
  const counts = kind === 'audio' ? { characters } : { inputTokens, outputTokens: outputTokens - reasoningTokens };
  return { ...WITHOUT_CHOICE[kind], usage: { ...NO_USAGE, ...counts } };
}
