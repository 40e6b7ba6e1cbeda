import { describe, expect, it } from 'vitest';
import { CATALOGUE, pricesOf } from './catalogue.ts';
import { priceOfCall } from './price-of-call.ts';

const PRICES = CATALOGUE.flatMap((model) => pricesOf(model)).map((price, index) => ({ ...price, id: String(index) }));
const at = new Date('2026-11-24T12:00:00Z');
const billed = (provider: string, answered: string, asked: string) =>
  priceOfCall(PRICES, { provider, answered, asked, at })?.modelName ?? null;

describe('priceOfCall', () => {
  it.for([
    ['openai', 'gpt-6-luna', 'gpt-6-luna'],
    ['openai', 'gpt-6-luna-2026-10-01', 'gpt-6-luna'],
    ['claude', 'claude-haiku-5-5-20261001', 'claude-haiku-5-5'],
    ['gemini', 'models/gemini-3.5-flash-lite-001', 'gemini-3.5-flash-lite'],
    ['gemini', 'gemini-3.5-flash-lite-preview-09-2026', 'gemini-3.5-flash-lite'],
    ['gemini', 'gemini-3.5-flash-lite-latest', 'gemini-3.5-flash-lite'],
  ])('of %s bills %s as %s', ([provider = '', answered = '', model]) => {
    expect(billed(provider, answered, 'whatever-was-asked')).toBe(model);
  });

  it('bills the model that answered, also when it stands in for the one that was asked', () => {
    // Since 2026-12-01 Google answers for gemini-2.5-pro with gemini-3.8-flash, at its price.
    expect(billed('gemini', 'gemini-3.8-flash', 'gemini-2.5-pro')).toBe('gemini-3.8-flash');
  });

  it('never bills a model it has no price for as another one', () => {
    expect(billed('openai', 'gpt-9-ultra', 'gpt-6-luna')).toBeNull();
    expect(billed('openai', 'gpt-6-luna-next', 'gpt-6-luna')).toBeNull();
  });

  it("takes a server of one's own for what it was asked for, whatever it calls its file", () => {
    expect(billed('local_small_model', '/models/q4.gguf', 'zporta_v1')).toBe('zporta_v1');
  });
});
