import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tier } from './model.ts';
import { ROLES } from './provider-facts.ts';
import { resolvePolicy } from './request-type-policy.ts';
import { decideTier, selectModel } from './select-model.ts';
import { chain, config, input, reasonOf, rows } from './selection-case.ts';
import type { Case } from './selection-case.ts';
import type { RequestFacts } from './selection-rules.ts';

describe('decideTier', () => {
  it.each([
    [{}, 'cheap', 'cheap'],
    [{}, 'normal', 'normal'],
    [{ quality: 'premium' }, 'cheap', 'premium'],
    [{ deep_reasoning: true }, 'normal', 'premium'],
    [{ deep_reasoning: 'yes', quality: 'Premium' }, 'normal', 'normal'],
    [{ tier: 'normal' }, 'cheap', 'normal'],
    [{ tier: 'cheap', quality: 'premium' }, 'normal', 'premium'],
    [{ tier: 'free' }, 'normal', 'normal'],
  ] as const)('asks with %j and a type of tier %s for %s', (options, tier, expected) => {
    expect(decideTier(options, { tier })).toBe(expected);
  });
});

describe('text', () => {
  it('takes the cheapest of the tier, the better of two at one price, and the next dearer tier behind', () => {
    expect(chain({})).toEqual([
      'gpt-6-luna',
      'claude-haiku-5-5',
      'gemini-3.5-flash-lite',
      'gemini-3.8-flash',
      'gpt-6.1-terra',
      'claude-sonnet-5-5',
    ]);
  });

  it.each(['podcast_script', 'report', 'lesson_script'])('begins at normal for %s', (type) => {
    expect(chain({ type })).toEqual(['gemini-3.8-flash', 'gpt-6.1-terra', 'claude-sonnet-5-5', 'gpt-6.1-sol', 'claude-opus-5-5']);
  });

  it('begins at premium when the request says so, with nothing behind', () => {
    expect(chain({ request: { options: { quality: 'premium' } } })).toEqual(['gpt-6.1-sol', 'claude-opus-5-5']);
    expect(chain({ request: { options: { deep_reasoning: true } } })).toEqual(['gpt-6.1-sol', 'claude-opus-5-5']);
  });

  it('chooses from the seed set what still lives', () => {
    expect(chain({ configs: rows('seed') })).toEqual(['gpt-4o-mini', 'gpt-4o']);
    expect(chain({ configs: rows('seed', '2027-01-14'), today: '2027-01-14' })).toEqual([]);
  });

  it('puts another model first when a price changes', () => {
    expect(chain({ type: 'report', configs: rows('current', '2027-01-01'), today: '2027-01-01' })[0]).toBe('gpt-6.1-terra');
  });

  it('skips an empty tier on the way up but goes up only one', () => {
    const configs = [config('c', { tier: 'cheap' }), config('n', { tier: 'normal' }), config('p', { tier: 'premium' })];
    expect(chain({ configs })).toEqual(['c', 'n']);
    expect(reasonOf({ configs }, 'p')).toBe('tier_not_needed');
    expect(chain({ configs: configs.filter(({ tier }) => tier !== 'normal') })).toEqual(['c', 'p']);
    expect(chain({ configs: [config('p', { tier: 'premium' })] })).toEqual(['p']);
  });

  it('never goes to a cheaper tier by itself, and says how to', () => {
    const configs = [config('c')];
    expect(chain({ type: 'report', configs })).toEqual([]);
    expect(selectModel(input({ type: 'report', configs })).failure?.message).toBe(
      'NO_MODEL_AVAILABLE: no text model can take this request (openai/c: of a cheaper tier than the request needs; options.tier can ask for it).',
    );
    expect(chain({ type: 'report', configs, request: { options: { tier: 'cheap' } } })).toEqual(['c']);
  });
});

describe('a policy of the user category', () => {
  const narrowed = (...allowedTiers: Tier[]): Case => ({ narrowing: { allowedTiers, allowedModels: null } });

  it('cuts the fallback off at its dearest tier', () => {
    expect(chain(narrowed('cheap'))).toEqual(['gpt-6-luna', 'claude-haiku-5-5', 'gemini-3.5-flash-lite']);
  });

  it('lets a request for more begin at the dearest tier it allows', () => {
    const selection = selectModel(input({ ...narrowed('cheap', 'normal'), request: { options: { quality: 'premium' } } }));
    expect(selection.tier).toBe('normal');
    expect(selection.candidates[0]?.modelName).toBe('gemini-3.8-flash');
  });

  it('lets a cheap request use a dearer tier when only that is allowed', () => {
    expect(chain(narrowed('normal'))[0]).toBe('gemini-3.8-flash');
  });
});

describe('manual', () => {
  const pinned = (provider: string, model: string | undefined, options: RequestFacts['options'] = {}): Case => ({
    request: { selectionMode: 'manual', provider, model, options },
  });

  it('takes the named model alone, whatever its tier, and without a row', () => {
    expect(chain(pinned('claude', 'claude-opus-5-5'))).toEqual(['claude-opus-5-5']);
    expect(chain(pinned('openai', 'gpt-6-astra'))).toEqual(['gpt-6-astra']);
    expect(reasonOf(pinned('openai', 'gpt-6-astra'), 'gpt-6-luna')).toBe('not_pinned');
  });

  it('falls elsewhere only when the caller allows it', () => {
    expect(chain(pinned('claude', 'claude-opus-5-5', { fallback: true }))).toEqual(['claude-opus-5-5', ...chain({})]);
    expect(chain(pinned('openai', 'gpt-6-luna', { fallback: true }))).toEqual(chain({}));
    const down = { ...pinned('claude', 'claude-opus-5-5', { fallback: true }), openCircuits: new Set(['claude']) };
    expect(chain(down)[0]).toBe('gpt-6-luna');
  });

  it('means it: neither quality floor nor canary share nor gate stand in its way', () => {
    const probe = config('probe', { qualityScore: 0, trafficShare: 0 });
    const situation = {
      ...pinned('openai', 'probe'),
      configs: [probe],
      ownModels: new Map([['openai/probe', 'closed']] as const),
      policy: resolvePolicy([{ requestType: 'x', qualityFloor: 0.9 }], 'x'),
    };
    expect(chain(situation)).toEqual(['probe']);
  });

  it.each<[string, Case, string]>([
    ['switched off', { configs: [config('gpt-4o', { isActive: false })] }, 'NO_MODEL_AVAILABLE'],
    ['without a worker', { presence: new Set() }, 'NO_MODEL_AVAILABLE'],
    ['forbidden to the user', { narrowing: { allowedTiers: ['cheap'], allowedModels: null } }, 'FORBIDDEN'],
    ['too small', { estimatedInputTokens: 1_000_000 }, 'CONTEXT_TOO_LONG'],
  ])('has no candidate when its model is %s', (_name, situation, code) => {
    const selection = selectModel(input({ ...pinned('openai', 'gpt-4o'), ...situation }));
    expect(selection.candidates).toEqual([]);
    expect(selection.failure?.code).toBe(code);
    expect(selection.failure?.message).toContain('openai/gpt-4o');
  });

  it('refuses a retired model, naming its successor', () => {
    expect(() => selectModel(input(pinned('openai', 'gpt-4-turbo')))).toThrow(/^MODEL_UNKNOWN: .*gpt-5\.6-sol/);
    expect(() => selectModel(input({ ...pinned('openai', 'gpt-4-turbo'), configs: rows('seed') }))).toThrow(
      /^MODEL_UNKNOWN: .*gpt-5\.6-sol/,
    );
  });

  it('resolves the default engine of a voice provider', () => {
    const situation: Case = { request: { kind: 'audio', language: 'ja', selectionMode: 'manual', provider: 'google_tts' } };
    expect(chain(situation)).toEqual(['neural2']);
  });
});

describe('the failure', () => {
  const codeOf = (changes: Case) => selectModel(input(changes)).failure?.code;

  it('says to run setup when nothing is configured', () => {
    expect(selectModel(input({ configs: [] })).failure?.message).toBe(
      'NO_MODEL_AVAILABLE: no text model is configured; run `ai-core setup-providers`.',
    );
    expect(codeOf({ configs: rows('current').filter(({ kind }) => kind === 'text'), request: { kind: 'audio', language: 'ja' } })).toBe(
      'NO_MODEL_AVAILABLE',
    );
  });

  it('says how long the request is, how much its answer may take, and what the largest context is', () => {
    const configs = [config('small', { maxTokens: 9_000 }), config('larger', { maxTokens: 12_000 })];
    expect(selectModel(input({ configs, estimatedInputTokens: 5_000 })).failure?.message).toBe(
      'CONTEXT_TOO_LONG: the request has about 5000 tokens (estimated) and its answer may take 8192; the largest context it could ' +
        'have is that of openai/larger: 12000 tokens. Send less text, or lower max_tokens.',
    );
    expect(selectModel(input({ configs, estimatedInputTokens: 5_000, countedInputTokens: 4_444 })).failure?.message).toContain(
      '4444 tokens (counted)',
    );
  });

  it('wants the tokens counted only where the count may let another model take part', () => {
    const worth = (changes: Case) => selectModel(input({ configs: [config('small', { maxTokens: 10_000 })], ...changes })).worthCounting;
    expect(worth({ estimatedInputTokens: 1_000 })).toBe(false);
    expect(worth({ estimatedInputTokens: 4_000 })).toBe(true);
    expect(worth({ estimatedInputTokens: 40_000 })).toBe(false);
    expect(worth({ estimatedInputTokens: 4_000, countedInputTokens: 2_000 })).toBe(false);
  });

  it('takes a model with a larger context of the next tier when those of the tier are too small', () => {
    const configs = [config('small', { maxTokens: 10_000 }), config('large', { maxTokens: 1_000_000, tier: 'premium' })];
    expect(chain({ configs, estimatedInputTokens: 9_000 })).toEqual(['large']);
  });

  it('has the code of the model that came closest', () => {
    const dead = config('dead', { lifecycle: 'retired' });
    const small = config('small', { maxTokens: 10, maxOutputTokens: 5 });
    expect(codeOf({ configs: [dead, small], estimatedInputTokens: 100 })).toBe('CONTEXT_TOO_LONG');
    expect(codeOf({ configs: [dead], estimatedInputTokens: 100 })).toBe('NO_MODEL_AVAILABLE');
    expect(
      codeOf({
        configs: [config('a'), config('b', { provider: 'gemini' })],
        presence: new Set(['text-gemini']),
        spentProviders: new Set(['gemini']),
      }),
    ).toBe('BUDGET_EXCEEDED');
  });

  it('names at most five models and is null when there is a candidate', () => {
    const configs = Array.from({ length: 8 }, (_, index) => config(`m${index}`, { isActive: false }));
    expect(selectModel(input({ configs })).failure?.message).toMatch(/openai\/m4: [^;]*; and 3 more\)\.$/);
    expect(selectModel(input()).failure).toBeNull();
  });
});

describe('the explanation', () => {
  it('names every model of the kind once, those taken first and in order, each with a reason in words', () => {
    fc.assert(
      fc.property(
        fc.subarray(['openai', 'gemini', 'claude']),
        fc.subarray([...ROLES]),
        fc.subarray(['cheap', 'normal', 'premium'] as const),
        fc.constantFrom('quiz_generation', 'report'),
        fc.integer({ min: 0, max: 2_000_000 }),
        (circuits, roles, allowedTiers, type, estimatedInputTokens) => {
          const selection = selectModel(
            input({
              type,
              openCircuits: new Set(circuits),
              presence: new Set(roles),
              narrowing: { allowedTiers, allowedModels: null },
              estimatedInputTokens,
            }),
          );
          const { explanation, candidates, failure } = selection;
          const text = rows('current').filter(({ kind }) => kind === 'text');
          expect(explanation.map(({ model }) => model).toSorted()).toEqual(text.map(({ modelName }) => modelName).toSorted());
          expect(explanation.slice(0, candidates.length).map(({ model }) => model)).toEqual(candidates.map(({ modelName }) => modelName));
          expect(explanation.map(({ taken }) => taken)).toEqual(explanation.map((_, index) => index < candidates.length));
          expect(explanation.every(({ detail }) => detail.length > 10)).toBe(true);
          expect(failure === null).toBe(candidates.length > 0);
          for (const candidate of candidates) {
            expect(roles).toContain(`text-${candidate.provider}`);
            expect(circuits).not.toContain(candidate.provider);
            expect(allowedTiers).toContain(candidate.tier);
          }
        },
      ),
    );
  });
});
