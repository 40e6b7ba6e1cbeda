/** The reader of public price lists against the real data of one of them. */
import { CATALOGUE, pricesOf, proposePrices, readGenaiPrices, type Price } from '@ai-core/core';
import { findProvider } from '@pydantic/genai-prices';
import { expect, it } from 'vitest';

it('the published list and our catalogue agree on every rate that both state, but for one token', () => {
  const list: unknown = JSON.parse(JSON.stringify(['openai', 'anthropic', 'google'].map((providerId) => findProvider({ providerId }))));
  const prices = CATALOGUE.flatMap((model) =>
    pricesOf(model).map((price, index): Price => ({ ...price, id: `${model.modelName}-${index}` })),
  );
  const known = new Set(CATALOGUE.map(({ provider, modelName }) => `${provider}/${modelName}`));
  const offers = readGenaiPrices(list);
  const { proposals, same, unknownModels } = proposePrices({ offers, prices, known, from: new Date('2026-11-24') });
  expect(offers.length).toBeGreaterThan(100);
  expect(same).toBeGreaterThan(10);
  expect(unknownModels.length).toBeGreaterThan(10);
  const contradictions = proposals.flatMap(({ price, changes }) =>
    changes
      .filter(({ from, to }) => from !== null && to !== null)
      .map(({ unit, from, to }) => `${price.modelName} ${unit}: ${from} -> ${to}`),
  );
  // OpenAI says "more than 272,000 tokens"; the list lets the dearer rates begin with token 272,000 itself.
  const off = ['gpt-5.6-luna', 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-6-astra'].map(
    (model) => `${model} long_context.above: 272000 -> 271999`,
  );
  expect(contradictions.toSorted()).toEqual(off);
});
