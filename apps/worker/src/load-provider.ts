import type { ProviderName } from '@ai-core/core';
import { createProvider, type Provider } from '@ai-core/providers';
import type { ProviderAccess } from './roles.ts';

export interface ProviderSource {
  readonly access: ProviderAccess;
  /** URL of a module that exports `providers`, a record of adapters that replace the built-in ones: for benches and crash tests. */
  readonly providersModule?: string | undefined;
}

interface ProvidersModule {
  readonly providers: Readonly<Partial<Record<ProviderName, Provider>>>;
}

/** Loads the adapter of one provider; in the worker, and in the child process that a suspicious job runs in. */
export async function loadProvider(name: ProviderName, source: ProviderSource): Promise<Provider> {
  if (source.providersModule !== undefined) {
    const { providers } = (await import(source.providersModule)) as ProvidersModule;
    const replaced = providers[name];
    if (replaced !== undefined) return replaced;
  }
  return createProvider(name, source.access[name] ?? { apiKey: undefined, baseUrl: null });
}
