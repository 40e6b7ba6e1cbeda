import { PROVIDER_NAMES, PROVIDERS, type ProviderFacts, type ProviderName } from '@ai-core/core';
import type { Environment } from '@ai-core/runtime';
import type { ProviderAccess } from './roles.ts';

/** Reads each provider's key and address from the environment. Keys stay in this process. */
export function readProviderAccess(environment: Environment): ProviderAccess {
  const values = environment as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const access: Partial<Record<ProviderName, { apiKey: string | undefined; baseUrl: string | null }>> = {};
  for (const name of PROVIDER_NAMES) {
    const facts: ProviderFacts = PROVIDERS[name];
    const apiKey = facts.keyVariable === null ? undefined : text(facts.keyVariable);
    const baseUrl = text(facts.baseUrlVariable) ?? null;
    if (apiKey !== undefined || (facts.keyVariable === null && baseUrl !== null)) access[name] = { apiKey, baseUrl };
  }
  return access;
}

/** Access to emulated providers: any key will do. */
export function simulatedAccess(baseUrls: Readonly<Partial<Record<ProviderName, string>>>): ProviderAccess {
  return Object.fromEntries(Object.entries(baseUrls).map(([name, baseUrl]) => [name, { apiKey: 'simulated', baseUrl }]));
}
