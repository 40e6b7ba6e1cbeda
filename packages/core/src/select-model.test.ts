import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listCatalogue } from './catalogue.ts';
import type { ProviderConfig, Tier } from './model.ts';
import { UNNARROWED } from './narrowing.ts';
import { ROLES } from './provider-facts.ts';
import { resolvePolicy } from './request-type-policy.ts';
import { decideTier, selectModel } from './select-model.ts';
import type { SelectionReason } from './select-model.ts';
import { EXCLUSION_REASONS, outputTokensOf } from './selection-rules.ts';
import type { RequestFacts, SelectionInput } from './selection-rules.ts';

const TODAY = '2026-11-24';
const rows = (set: 'current' | 'seed', today = TODAY): ProviderConfig[] =>
  listCatalogue(set, today).map(({ config }) => ({ id: `${config.provider}/${config.modelName}`, ...config }));

const config = (modelName: string, changes: Partial<ProviderConfig> = {}): ProviderConfig => ({
  id: modelName,
  provider: 'openai',
  modelName,
  kind: 'text',
  tier: 'cheap',
  costPerMillionTokens: 1,
  costPerRequest: null,
  qualityScore: 0.8,
  isActive: true,
  isDefault: false,
  maxTokens: 100_000,
  maxOutputTokens: 10_000,
  capabilities: {},
  lifecycle: 'active',
  shutdownDate: null,
  successor: null,
  limits: {},
  trafficShare: null,
  baseUrl: null,
  ...changes,
});

interface Case extends Partial<Omit<SelectionInput, 'request'>> {
  readonly type?: string;
  readonly request?: Partial<RequestFacts>;
}

function input({ type = 'quiz_generation', request, ...rest }: Case = {}): SelectionInput {
  return {
    request: { kind: 'text', promptHash: 'a'.repeat(64), options: {}, selectionMode: 'auto', ...request },
    policy: resolvePolicy([], type),
    configs: rows('current'),
    presence: new Set(ROLES),
    openCircuits: new Set(),
    today: TODAY,
    estimatedInputTokens: 100,
    narrowing: UNNARROWED,
    ...rest,
  };
}

const chain = (changes: Case): string[] => selectModel(input(changes)).candidates.map(({ modelName }) => modelName);
const reasonOf = (changes: Case, model: string): SelectionReason | undefined =>
  selectModel(input(changes)).explanation.find((line) => line.model === model)?.reason;

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

  it('orders an unknown price last, and equal models by name', () => {
    const configs = [
      config('x', { costPerMillionTokens: null, qualityScore: 1 }),
      config('b'),
      config('a'),
      config('dear', { costPerMillionTokens: 9 }),
    ];
    expect(chain({ configs })).toEqual(['a', 'b', 'dear', 'x']);
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(rows('current'), { minLength: 11 }), (configs) => {
        expect(selectModel(input({ configs })).candidates).toEqual(selectModel(input()).candidates);
      }),
    );
  });
});

describe('the own model', () => {
  const own = config('zporta_v1', { provider: 'local_small_model', isDefault: true, costPerMillionTokens: 5 });
  const configs = [config('cheapest', { costPerMillionTokens: 0.1 }), own];
  const gate = (state: 'open' | 'closed') => new Map([['local_small_model/zporta_v1', state]]);

  it('comes first as the default of its tier while its gate is open, whatever it costs', () => {
    expect(chain({ configs, ownModels: gate('open') })).toEqual(['zporta_v1', 'cheapest']);
    expect(reasonOf({ configs, ownModels: gate('open') }, 'zporta_v1')).toBe('own_model');
    expect(chain({ configs })).toEqual(['zporta_v1', 'cheapest']);
  });

  it('is ordered like any other when it is not the default', () => {
    expect(chain({ configs: [configs[0] ?? own, { ...own, isDefault: false }], ownModels: gate('open') })).toEqual([
      'cheapest',
      'zporta_v1',
    ]);
  });

  it('is out when its gate is closed, even at no cost', () => {
    const free = { ...own, costPerMillionTokens: 0 };
    expect(chain({ configs: [configs[0] ?? own, free], ownModels: gate('closed') })).toEqual(['cheapest']);
    expect(reasonOf({ configs, ownModels: gate('closed') }, 'zporta_v1')).toBe('quality_gate_closed');
  });

  it('gives no precedence to the default of somebody else', () => {
    const others = [config('a', { costPerMillionTokens: 2, isDefault: true }), config('b')];
    expect(chain({ configs: others })).toEqual(['b', 'a']);
  });

  it('may be a tuned model of another provider', () => {
    const tuned = config('ft:gpt', { isDefault: true, costPerMillionTokens: 9 });
    expect(chain({ configs: [config('b'), tuned], ownModels: new Map([['openai/ft:gpt', 'open']]) })).toEqual(['ft:gpt', 'b']);
  });
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
  const costs = (nanoUsd: bigint | null): Case => ({
    costLimit: { nanoUsd: 10n, of: ({ modelName }) => (modelName === 'probe' ? nanoUsd : 10n) },
  });
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

describe('audio', () => {
  const speech = { kind: 'audio', language: 'ja' } as const;
  const both = [...rows('current'), ...rows('seed').filter(({ modelName }) => modelName === 'tts-1')];

  it('takes ElevenLabs when a worker serves it, then the cheapest engine that stays, and OpenAI last', () => {
    expect(chain({ configs: both, request: speech })).toEqual(['eleven_multilingual_v2', 'gemini-3.8-flash-lite-tts', 'neural2', 'tts-1']);
  });

  it('goes without ElevenLabs where no worker has its key', () => {
    const presence = new Set(ROLES.filter((role) => role !== 'audio-elevenlabs'));
    expect(chain({ configs: both, request: speech, presence })).toEqual(['gemini-3.8-flash-lite-tts', 'neural2', 'tts-1']);
    expect(reasonOf({ configs: both, request: speech, presence }, 'eleven_multilingual_v2')).toBe('no_worker');
  });

  it('leaves out engines that do not speak the language, by its primary tag', () => {
    const speaking = (language: string) => chain({ configs: both, request: { ...speech, language } });
    expect(speaking('sw')).toEqual(['gemini-3.8-flash-lite-tts', 'tts-1']);
    expect(speaking('th-TH')).toEqual(['gemini-3.8-flash-lite-tts', 'neural2', 'tts-1']);
    expect(speaking('PT-br')).toContain('neural2');
  });

  it('forgets OpenAI speech on its last day', () => {
    expect(chain({ configs: both, request: speech, today: '2027-01-06' })).not.toContain('tts-1');
  });

  it('prefers the default engine of ElevenLabs to a cheaper one', () => {
    const eleven = (name: string, changes: Partial<ProviderConfig>) => config(name, { provider: 'elevenlabs', kind: 'audio', ...changes });
    const configs = [eleven('flash', { costPerMillionTokens: 50 }), eleven('v2', { costPerMillionTokens: 100, isDefault: true })];
    expect(chain({ configs, request: speech })).toEqual(['v2', 'flash']);
  });

  it('splits long texts, so that no engine is too small', () => {
    expect(chain({ configs: both, request: speech, estimatedInputTokens: 10_000_000 })).toHaveLength(4);
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
    expect(selection.failure?.message).toContain('openai/gpt-4o: ');
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
          expect(explanation.map(({ model }) => model).sort()).toEqual(text.map(({ modelName }) => modelName).sort());
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
