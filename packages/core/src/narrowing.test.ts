import { describe, expect, it } from 'vitest';
import type { Tier } from './model.ts';
import { clampTier, isModelAllowed, narrowedTiers, UNNARROWED } from './narrowing.ts';

const tiers = (...allowedTiers: Tier[]) => ({ allowedTiers, allowedModels: null });

describe('narrowedTiers', () => {
  it('is null when every tier is allowed, however that is said', () => {
    expect(narrowedTiers(UNNARROWED)).toBeNull();
    expect(narrowedTiers(tiers('premium', 'cheap', 'normal'))).toBeNull();
  });

  it('sorts from cheap to premium', () => {
    expect(narrowedTiers(tiers('premium', 'cheap'))).toEqual(['cheap', 'premium']);
  });
});

describe('clampTier', () => {
  it.each([
    ['premium', tiers('cheap', 'normal'), 'normal'],
    ['premium', tiers('cheap'), 'cheap'],
    ['normal', tiers('cheap', 'premium'), 'cheap'],
    ['normal', tiers('normal'), 'normal'],
    ['cheap', tiers('normal'), 'cheap'],
    ['cheap', tiers(), 'cheap'],
    ['premium', UNNARROWED, 'premium'],
  ] as const)('begins for %s at the dearest allowed tier that is not dearer (%#)', (wanted, narrowing, tier) => {
    expect(clampTier(wanted, narrowing)).toBe(tier);
  });
});

describe('isModelAllowed', () => {
  it('takes a model name with or without its provider', () => {
    const model = { provider: 'openai', modelName: 'gpt-4o' };
    expect(isModelAllowed(model, UNNARROWED)).toBe(true);
    expect(isModelAllowed(model, { allowedTiers: null, allowedModels: ['gpt-4o'] })).toBe(true);
    expect(isModelAllowed(model, { allowedTiers: null, allowedModels: ['openai/gpt-4o'] })).toBe(true);
    expect(isModelAllowed(model, { allowedTiers: null, allowedModels: ['gemini/gpt-4o', 'gpt-4o-mini'] })).toBe(false);
    expect(isModelAllowed(model, { allowedTiers: null, allowedModels: [] })).toBe(false);
  });
});
