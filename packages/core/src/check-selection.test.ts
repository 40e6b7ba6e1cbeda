import { describe, expect, it } from 'vitest';
import { checkSelection } from './check-selection.ts';
import type { NamedSelection } from './check-selection.ts';

const check = (changes: Partial<NamedSelection>) =>
  checkSelection({ kind: 'text', mode: undefined, provider: undefined, model: undefined, ...changes });
const pinned = { provider: 'openai', model: 'gpt-4o' };
const halves = {
  provider: 'a provider needs a model; name both, or neither for automatic selection.',
  model: 'a model needs its provider; name both, or neither for automatic selection.',
};

describe('checkSelection', () => {
  it('is automatic when nothing is named', () => {
    for (const mode of ['auto', null, undefined] as const)
      expect(check({ mode, provider: null, model: null })).toEqual({ selection_mode: 'auto' });
  });

  it('is manual when provider and model are named, with or without the mode', () => {
    for (const mode of ['manual', null, undefined] as const)
      expect(check({ mode, ...pinned })).toEqual({ selection_mode: 'manual', ...pinned });
  });

  it('takes a speech provider without an engine', () => {
    expect(check({ kind: 'audio', provider: 'elevenlabs' })).toEqual({ selection_mode: 'manual', provider: 'elevenlabs' });
    expect(check({ kind: 'audio', mode: 'manual', provider: 'openai', model: 'tts-1' })).toEqual({
      selection_mode: 'manual',
      provider: 'openai',
      model: 'tts-1',
    });
  });

  it.each<[Partial<NamedSelection>, string]>([
    [{ mode: 'manual' }, 'manual selection needs a provider and a model.'],
    [{ mode: 'manual', kind: 'audio' }, 'manual selection needs a provider.'],
    [{ mode: 'manual', provider: 'openai' }, halves.provider],
    [{ provider: 'openai' }, halves.provider],
    [{ mode: 'manual', model: 'gpt-4o' }, halves.model],
    [{ model: 'gpt-4o' }, halves.model],
    [{ kind: 'audio', model: 'tts-1' }, halves.model],
    [{ mode: 'auto', ...pinned }, 'selection_mode auto leaves the choice to AI Core; leave out provider and model, or use manual.'],
    [
      { mode: 'auto', provider: 'openai' },
      'selection_mode auto leaves the choice to AI Core; leave out provider and model, or use manual.',
    ],
    [{ ...pinned, provider: 'mistral' }, 'provider must be one of openai, gemini, claude, elevenlabs, google_tts, local_small_model.'],
    [{ ...pinned, provider: '__proto__' }, 'provider must be one of openai, gemini, claude, elevenlabs, google_tts, local_small_model.'],
    [{ ...pinned, provider: 'elevenlabs' }, 'elevenlabs does not generate text; name one of openai, gemini, claude, local_small_model.'],
    [{ kind: 'audio', provider: 'claude' }, 'claude does not generate speech; name one of openai, gemini, elevenlabs, google_tts.'],
  ])('refuses %j', (changes, problem) => {
    expect(() => check(changes)).toThrow(`REQUEST_INVALID: ${problem}`);
  });
});
