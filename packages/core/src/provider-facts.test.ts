import { describe, expect, it } from 'vitest';
import { isProviderName, MAINTENANCE_QUEUE, PROVIDER_NAMES, PROVIDER_QUEUES, PROVIDERS, queueOf, ROLES } from './provider-facts.ts';

describe('provider facts', () => {
  it('name the six providers and their nine roles', () => {
    expect(PROVIDER_NAMES).toEqual(['openai', 'gemini', 'claude', 'elevenlabs', 'google_tts', 'local_small_model']);
    expect([...ROLES].toSorted()).toEqual(
      [
        'text-openai',
        'text-claude',
        'text-gemini',
        'text-local',
        'audio-elevenlabs',
        'audio-openai',
        'audio-google-tts',
        'audio-gemini',
        'maintenance',
      ].toSorted(),
    );
    expect(ROLES).toContain(MAINTENANCE_QUEUE);
  });

  it('give every queue to one provider and kind', () => {
    expect(new Set(PROVIDER_QUEUES.map(({ queue }) => queue)).size).toBe(PROVIDER_QUEUES.length);
    for (const { queue, provider, kind } of PROVIDER_QUEUES) expect(queueOf(provider, kind)).toBe(queue);
  });

  it('know no queue for a kind a provider does not do, nor for a stranger', () => {
    expect(queueOf('claude', 'audio')).toBeUndefined();
    expect(queueOf('google_tts', 'text')).toBeUndefined();
    for (const name of ['mistral', '__proto__', 'toString', '']) {
      expect(isProviderName(name)).toBe(false);
      expect(queueOf(name, 'text')).toBeUndefined();
    }
  });

  it('name an own environment variable for every key and base URL', () => {
    const variables = Object.values(PROVIDERS).flatMap(({ keyVariable, baseUrlVariable }) =>
      keyVariable === null ? [baseUrlVariable] : [keyVariable, baseUrlVariable],
    );
    expect(new Set(variables).size).toBe(11);
  });
});
