import { describe, expect, it } from 'vitest';
import type { ProviderConfig } from './model.ts';
import { resolvePolicy } from './request-type-policy.ts';
import { chain, config, input, reasonOf } from './selection-case.ts';
import type { Case } from './selection-case.ts';
import { EXCLUSION_REASONS, outputTokensOf } from './selection-rules.ts';

/** A call of the probe can cost this much, of any other model 10 nano-dollars, and 10 are allowed. */
const costs = (nanoUsd: bigint | null): Case => ({
  costLimit: { nanoUsd: 10n, of: ({ modelName }) => (modelName === 'probe' ? nanoUsd : 10n) },
});

describe('what excludes a model', () => {
  const good = config('good', { costPerMillionTokens: 2, capabilities: { json: true } });

  /** A model and a situation where a rule applies, and what to change of either so that it just does not. */
  interface Rule {
    readonly probe?: Partial<ProviderConfig>;
    readonly when?: Case;
    readonly otherProbe?: Partial<ProviderConfig>;
    readonly otherwise?: Case;
  }
  const rules: Record<(typeof EXCLUSION_REASONS)[number], Rule> = {
    retired: { probe: { lifecycle: 'retired' }, otherProbe: { lifecycle: 'deprecated' } },
    inactive: { probe: { isActive: false }, otherProbe: { isActive: true } },
    quality_gate_closed: {
      when: { ownModels: new Map([['openai/probe', 'closed']]) },
      otherwise: { ownModels: new Map([['openai/probe', 'open']]) },
    },
    tier_not_allowed: {
      probe: { tier: 'normal' },
      when: { narrowing: { allowedTiers: ['cheap'], allowedModels: null } },
      otherwise: { narrowing: { allowedTiers: ['cheap', 'normal'], allowedModels: null } },
    },
    model_not_allowed: {
      when: { narrowing: { allowedTiers: null, allowedModels: ['good'] } },
      otherwise: { narrowing: { allowedTiers: null, allowedModels: ['good', 'openai/probe'] } },
    },
    below_quality_floor: {
      probe: { qualityScore: 0.59 },
      when: { policy: resolvePolicy([{ requestType: 'x', qualityFloor: 0.6 }], 'x') },
      otherProbe: { qualityScore: 0.6 },
    },
    language_unsupported: {
      probe: { capabilities: { languages: ['en', 'ja'] } },
      when: { request: { options: { language: 'fr-CA' } } },
      otherProbe: { capabilities: { languages: ['fr'] } },
    },
    json_unsupported: { when: { request: { options: { response_format: 'json' } } }, otherProbe: { capabilities: { json: true } } },
    format_unsupported: {
      probe: { provider: 'gemini', kind: 'text' },
      when: { request: { format: 'flac' }, presence: new Set(['text-openai', 'text-gemini']) },
      otherwise: { request: { format: 'wav' }, presence: new Set(['text-openai', 'text-gemini']) },
    },
    tools_unsupported: {
      probe: { provider: 'local_small_model', capabilities: { tools: false } },
      when: { request: { options: { tools: {} } }, presence: new Set(['text-openai', 'text-local']) },
      otherProbe: { capabilities: { tools: true } },
    },
    outside_canary_share: { probe: { trafficShare: 0 }, otherProbe: { trafficShare: 100 } },
    no_worker: {
      probe: { provider: 'gemini' },
      when: { presence: new Set(['text-openai', 'audio-gemini']) },
      otherwise: { presence: new Set(['text-openai', 'text-gemini']) },
    },
    circuit_open: {
      probe: { provider: 'gemini' },
      when: { openCircuits: new Set(['gemini']) },
      otherwise: { openCircuits: new Set(['claude']) },
    },
    budget_spent: {
      probe: { provider: 'gemini' },
      when: { spentProviders: new Set(['gemini']) },
      otherwise: { spentProviders: new Set(['claude']) },
    },
    cost_unknown: { when: costs(null), otherwise: costs(0n) },
    too_expensive: { when: costs(11n), otherwise: costs(10n) },
    output_too_small: {
      probe: { maxOutputTokens: 4096 },
      when: { request: { options: { max_tokens: 4097 } } },
      otherProbe: { maxOutputTokens: 4097 },
    },
    context_too_small: { probe: { maxTokens: 9000 }, when: { estimatedInputTokens: 809 }, otherwise: { estimatedInputTokens: 808 } },
  };

  it.each(EXCLUSION_REASONS)('%s does, and just beside the rule nothing does', (reason) => {
    const { probe, when, otherProbe, otherwise } = rules[reason];
    const excluded = [config('probe', probe), good];
    expect(chain({ configs: excluded, ...when })).toEqual(['good']);
    expect(reasonOf({ configs: excluded, ...when }, 'probe')).toBe(reason);
    const beside = [config('probe', { ...probe, ...otherProbe }), good];
    expect(chain({ configs: beside, ...(otherwise ?? when) })).toContain('probe');
  });

  it('counts the last day of a model as over', () => {
    const configs = [config('ending', { shutdownDate: '2026-11-24' }), config('tomorrow', { shutdownDate: '2026-11-25' })];
    expect(chain({ configs })).toEqual(['tomorrow']);
  });

  it('lets unknown limits and languages pass', () => {
    const open = config('open', { maxTokens: null, maxOutputTokens: null });
    expect(
      chain({ configs: [open], estimatedInputTokens: 10_000_000, request: { options: { language: 'xx', max_tokens: 1_000_000 } } }),
    ).toEqual(['open']);
  });

  it('gives a model no more output than it can make when only the type names a limit', () => {
    const small = config('small', { maxOutputTokens: 4096, maxTokens: 5000 });
    expect(chain({ configs: [small], estimatedInputTokens: 904 })).toEqual(['small']);
    expect(outputTokensOf(small, input())).toBe(4096);
    expect(outputTokensOf({ maxOutputTokens: null }, input())).toBe(8192);
    expect(outputTokensOf(small, input({ request: { options: { max_tokens: 10 } } }))).toBe(10);
  });

  it('keeps answers within what the row of their type says, whatever the request names', () => {
    const capped = { policy: resolvePolicy([{ requestType: 'x', maxOutputTokens: 1000 }], 'x') };
    const asking = { request: { options: { max_tokens: 4097 } } };
    expect(outputTokensOf({ maxOutputTokens: null }, input({ ...asking, ...capped }))).toBe(1000);
    expect(outputTokensOf({ maxOutputTokens: null }, input(capped))).toBe(1000);
    expect(outputTokensOf({ maxOutputTokens: null }, input({ ...capped, request: { options: { max_tokens: 10 } } }))).toBe(10);
    expect(chain({ configs: [config('short', { maxOutputTokens: 4096 })], ...asking, ...capped })).toEqual(['short']);
  });

  it('goes by a count of tokens where there is one, with a third on top for vendors whose tokenizer is unknown', () => {
    const [own, other] = [config('own', { maxTokens: 20_000 }), config('other', { maxTokens: 20_000, provider: 'claude' })];
    const counted = (countedInputTokens: number) => chain({ configs: [own, other], estimatedInputTokens: 1_000_000, countedInputTokens });
    expect(counted(9_000).toSorted()).toEqual(['other', 'own']);
    expect(counted(11_000)).toEqual(['own']);
    expect(counted(12_000)).toEqual([]);
  });

  it('puts about its share of prompts into a canary, the same ones each time', () => {
    const canary = config('canary', { trafficShare: 10, costPerMillionTokens: 0 });
    const taken = Array.from({ length: 2000 }, (_, index) =>
      chain({ configs: [canary, good], request: { promptHash: `hash-${index}` } }).includes('canary'),
    );
    const again = Array.from({ length: 2000 }, (_, index) =>
      chain({ configs: [canary, good], request: { promptHash: `hash-${index}` } }).includes('canary'),
    );
    expect(again).toEqual(taken);
    const share = taken.filter(Boolean).length / 2000;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });
});
