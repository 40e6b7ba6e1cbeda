import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { TextCall } from './provider.ts';
import { createProvider } from './registry.ts';

const TIMEOUTS = { connect: 1_000, firstByte: 1_000, idle: 1_000, total: 2_000 };

function call(): TextCall {
  return {
    model: 'm',
    attemptId: randomUUID(),
    signal: new AbortController().signal,
    timeouts: TIMEOUTS,
    options: {},
    prompt: 'Hello',
    maxOutputTokens: 10,
  };
}

describe('createProvider', () => {
  it.for(['openai', 'claude'] as const)(
    'makes %s fail without a key before anything is sent, also when the environment has one',
    async (name) => {
      vi.stubEnv('OPENAI_API_KEY', 'sk-from-the-environment');
      vi.stubEnv('ANTHROPIC_API_KEY', 'sk-from-the-environment');
      const provider = await createProvider(name, { apiKey: undefined, baseUrl: 'http://127.0.0.1:9' });
      await expect(provider.generateText?.(call())).rejects.toMatchObject({ code: 'PROVIDER_AUTH', charged: 'no' });
      vi.unstubAllEnvs();
    },
  );

  it('does not show a key that was pasted with a line break in it', async () => {
    const provider = await createProvider('openai', { apiKey: 'sk-one\nsk-two', baseUrl: 'http://127.0.0.1:9' });
    const failure: unknown = await provider.generateText?.(call()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'PROVIDER_AUTH' });
    expect(`${String(failure)} ${JSON.stringify(failure)}`).not.toContain('sk-');
  });

  it('makes local_small_model fail when no address is set', async () => {
    const provider = await createProvider('local_small_model', { apiKey: undefined, baseUrl: null });
    await expect(provider.generateText?.(call())).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE', charged: 'no' });
  });
});
