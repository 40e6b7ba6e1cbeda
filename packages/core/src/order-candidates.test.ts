import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProviderConfig } from './model.ts';
import { ROLES } from './provider-facts.ts';
import { selectModel } from './select-model.ts';
import { chain, config, input, reasonOf, rows } from './selection-case.ts';

const gate = (state: 'open' | 'closed') => new Map([['local_small_model/zporta_v1', state]]);
const eleven = (name: string, changes: Partial<ProviderConfig>) => config(name, { provider: 'elevenlabs', kind: 'audio', ...changes });

describe('text of one tier', () => {
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

describe('speech', () => {
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
    const configs = [eleven('flash', { costPerMillionTokens: 50 }), eleven('v2', { costPerMillionTokens: 100, isDefault: true })];
    expect(chain({ configs, request: speech })).toEqual(['v2', 'flash']);
  });

  it('splits long texts, so that no engine is too small', () => {
    expect(chain({ configs: both, request: speech, estimatedInputTokens: 10_000_000 })).toHaveLength(4);
  });
});
