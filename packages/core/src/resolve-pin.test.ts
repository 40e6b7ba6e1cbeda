import { describe, expect, it } from 'vitest';
import { configOf, findCatalogueModel } from './catalogue.ts';
import { AiCoreError } from './errors.ts';
import type { ProviderConfig } from './model.ts';
import { resolvePin } from './resolve-pin.ts';
import type { PinQuestion } from './resolve-pin.ts';

const TODAY = '2026-11-24';
const ask = (changes: Partial<PinQuestion>) =>
  resolvePin({ kind: 'text', provider: 'openai', model: 'gpt-4o', configs: [], today: TODAY, ...changes });

function row(provider: string, modelName: string, changes: Partial<ProviderConfig> = {}): ProviderConfig {
  const model = findCatalogueModel(provider, modelName);
  if (model === undefined) throw new Error(`${provider}/${modelName} is not in the catalogue`);
  return { id: `row-${modelName}`, ...configOf(model, TODAY), ...changes };
}

function failureOf(changes: Partial<PinQuestion>): string {
  try {
    ask(changes);
  } catch (error) {
    if (AiCoreError.is(error)) return error.message;
    throw error;
  }
  throw new Error('the pin was resolved');
}

describe('resolvePin', () => {
  it('takes a catalogue model that has no configuration row', () => {
    expect(ask({})).toMatchObject({ id: 'catalogue:openai/gpt-4o', provider: 'openai', modelName: 'gpt-4o', isActive: true });
  });

  it('prefers the row of a model, with what an admin has set there', () => {
    expect(ask({ configs: [row('openai', 'gpt-4o', { baseUrl: 'https://proxy.example' })] })).toMatchObject({
      id: 'row-gpt-4o',
      baseUrl: 'https://proxy.example',
    });
  });

  it('takes a row of a model the catalogue does not know', () => {
    const own = row('local_small_model', 'zporta_v1', { modelName: 'zporta_v7' });
    expect(ask({ provider: 'local_small_model', model: 'zporta_v7', configs: [own] })).toBe(own);
  });

  it.each([
    [{ model: 'gpt-4-turbo' }, 'MODEL_UNKNOWN: openai/gpt-4-turbo is retired since 2026-10-23. Its successor is gpt-5.6-sol.'],
    [{ today: '2027-01-14' }, 'MODEL_UNKNOWN: openai/gpt-4o is retired since 2027-01-14. Its successor is gpt-6-luna.'],
    [
      { provider: 'claude', model: 'claude-3-haiku' },
      'MODEL_UNKNOWN: claude/claude-3-haiku is retired since 2026-04-20. Its successor is claude-haiku-5-5.',
    ],
  ])('refuses a retired model and names its successor (%#)', (changes, message) => {
    expect(failureOf(changes)).toBe(message);
  });

  it('refuses a retired row that has neither day nor successor', () => {
    const gone = row('openai', 'gpt-4o', { lifecycle: 'retired', shutdownDate: null, successor: null });
    expect(failureOf({ configs: [gone] })).toBe('MODEL_UNKNOWN: openai/gpt-4o is retired.');
  });

  it('refuses a model nobody knows and lists some that there are', () => {
    expect(failureOf({ model: 'gpt-9' })).toMatch(
      /^MODEL_UNKNOWN: openai has no text model named gpt-9\. It has gpt-4o-mini, gpt-4o, gpt-6-luna, /,
    );
    expect(failureOf({ model: 'gpt-9' })).not.toContain('gpt-4-turbo');
    expect(failureOf({ model: '__proto__' })).toMatch(/^MODEL_UNKNOWN/);
    expect(failureOf({ model: 'x'.repeat(5000) }).length).toBeLessThan(500);
  });

  it('refuses a speech engine for text and text models for speech', () => {
    expect(failureOf({ model: 'tts-1' })).toMatch(/^MODEL_UNKNOWN: openai has no text model named tts-1/);
    expect(failureOf({ kind: 'audio' })).toMatch(/^MODEL_UNKNOWN: openai has no audio model named gpt-4o\. It has tts-1/);
  });

  it.each([
    [
      { provider: 'mistral' },
      'REQUEST_INVALID: provider must be one of openai, gemini, claude, elevenlabs, google_tts, local_small_model.',
    ],
    [{ provider: 'claude', kind: 'audio' as const }, 'REQUEST_INVALID: claude has no audio models.'],
    [{ model: null }, 'REQUEST_INVALID: manual selection needs both provider and model.'],
  ])('refuses what can never be called (%#)', (changes, message) => {
    expect(failureOf(changes)).toBe(message);
  });

  it.each([
    ['elevenlabs', 'eleven_multilingual_v2'],
    ['google_tts', 'neural2'],
    ['gemini', 'gemini-3.8-flash-lite-tts'],
    ['openai', 'tts-1'],
  ])('speaks with the default engine of %s, %s, when none is named', (provider, modelName) => {
    expect(ask({ kind: 'audio', provider, model: null }).modelName).toBe(modelName);
  });

  it('prefers a configured engine, the default one before a cheaper one, and skips those switched off', () => {
    const engines = { kind: 'audio', provider: 'elevenlabs', model: null } as const;
    const [v3, flash] = [row('elevenlabs', 'eleven_v3', { isDefault: true }), row('elevenlabs', 'eleven_flash_v2_5')];
    expect(ask({ ...engines, configs: [flash, v3] }).modelName).toBe('eleven_v3');
    expect(ask({ ...engines, configs: [{ ...v3, isDefault: false }, flash] }).modelName).toBe('eleven_flash_v2_5');
    expect(
      ask({
        ...engines,
        configs: [
          { ...v3, isActive: false },
          { ...flash, isActive: false },
        ],
      }).modelName,
    ).toBe('eleven_multilingual_v2');
  });

  it('says so when a provider has no engine left', () => {
    expect(failureOf({ kind: 'audio', model: null, today: '2027-01-06' })).toBe(
      'MODEL_UNKNOWN: openai has no speech engine that can still be used.',
    );
  });
});
