import type { ProviderName } from '@ai-core/core';
import { ProviderFailure } from './failure.ts';

/** What can stand in a header. A key pasted with a line break would else surface, in full, in an error message of fetch. */
const KEY = /^[\x21-\x7e]+$/;

/**
 * @param apiKey the key as configured; white space around it is a pasting accident
 * @returns the key, trimmed
 * @throws ProviderFailure PROVIDER_AUTH when there is none, or it cannot be one
 */
export function requireKey(provider: ProviderName, apiKey: string | undefined): string {
  const key = apiKey?.trim() ?? '';
  if (key === '') throw new ProviderFailure('PROVIDER_AUTH', `no API key is set for ${provider}`, { charged: 'no' });
  if (!KEY.test(key))
    throw new ProviderFailure('PROVIDER_AUTH', `the API key set for ${provider} has characters that no key has`, { charged: 'no' });
  return key;
}
