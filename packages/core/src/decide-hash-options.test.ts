import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideHashOptions, isShareable, RESERVED_OPTIONS } from './decide-hash-options.ts';
import { TIERS } from './model.ts';
import { UNNARROWED } from './narrowing.ts';

const auto = { selectionMode: 'auto' } as const;

describe('decideHashOptions', () => {
  it('leaves options as they are when nothing else decides the answer', () => {
    expect(decideHashOptions({ ...auto, options: { language: 'ja' } })).toEqual({ language: 'ja' });
    expect(decideHashOptions({ ...auto, options: null, narrowing: UNNARROWED })).toEqual({});
  });

  it('adds the conversation, the answer format and the tools', () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    const responseFormat = { type: 'json_object' };
    expect(decideHashOptions({ ...auto, messages, responseFormat, tools: [{ type: 'function' }] })).toEqual({
      messages,
      response_format: responseFormat,
      tools: [{ type: 'function' }],
    });
  });

  it('turns the tier of an auto: name into tier or quality', () => {
    expect(decideHashOptions({ ...auto, autoTier: 'cheap' })).toEqual({ tier: 'cheap' });
    expect(decideHashOptions({ ...auto, autoTier: 'normal' })).toEqual({ tier: 'normal' });
    expect(decideHashOptions({ ...auto, autoTier: 'premium' })).toEqual({ quality: 'premium' });
  });

  it('adds what a policy narrowed, in one order', () => {
    const narrowing = { allowedTiers: ['normal', 'cheap'] as const, allowedModels: ['b', 'a', 'b'] };
    expect(decideHashOptions({ ...auto, narrowing })).toEqual({ max_tier: 'normal', allowed_models: ['a', 'b'] });
    expect(decideHashOptions({ ...auto, narrowing: { allowedTiers: TIERS, allowedModels: null } })).toEqual({});
  });

  it('tells any two sets of allowed tiers apart', () => {
    const subsets = fc.subarray([...TIERS], { minLength: 1 });
    fc.assert(
      fc.property(subsets, subsets, (one, two) => {
        const [first, second] = [one, two].map((allowedTiers) =>
          decideHashOptions({ ...auto, narrowing: { allowedTiers, allowedModels: null } }),
        );
        expect(JSON.stringify(first) === JSON.stringify(second)).toBe(one.join() === two.join());
      }),
    );
  });

  it('keeps fallback only in manual mode and only when it is true', () => {
    expect(decideHashOptions({ selectionMode: 'manual', options: { fallback: true } })).toEqual({ fallback: true });
    expect(decideHashOptions({ selectionMode: 'manual', options: { fallback: false } })).toEqual({});
    expect(decideHashOptions({ ...auto, options: { fallback: true } })).toEqual({});
  });

  it('writes a highest cost in one form', () => {
    expect(decideHashOptions({ ...auto, maxCostNanoUsd: 500_000_000n })).toEqual({ max_cost_usd: '0.5' });
  });

  it('sets no name of its own that a caller could set as well, but those that mean the same', () => {
    const all = decideHashOptions({
      selectionMode: 'manual',
      options: { fallback: true },
      messages: [],
      responseFormat: 'json',
      tools: [],
      autoTier: 'cheap',
      narrowing: { allowedTiers: ['normal'], allowedModels: [] },
      maxCostNanoUsd: 1n,
    });
    const open = Object.keys(all).filter((key) => !RESERVED_OPTIONS.has(key));
    expect(open.toSorted()).toEqual(['fallback', 'response_format', 'tier']);
  });
});

describe('isShareable', () => {
  it('keeps answers with tools to the caller who asked', () => {
    expect(isShareable(decideHashOptions({ ...auto, tools: [] }))).toBe(false);
    expect(isShareable({ language: 'ja' })).toBe(true);
  });
});
