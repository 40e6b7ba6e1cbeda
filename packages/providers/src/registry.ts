import type { ProviderName } from '@ai-core/core';
import type { Provider, ProviderFactory, ProviderSettings } from './provider.ts';

/** An adapter is loaded when it is first needed: the SDKs take 150 to 220 ms and 25 to 35 MB each. */
const ADAPTERS = {
  openai: async () => (await import('./adapters/openai.ts')).openai,
  gemini: async () => (await import('./adapters/gemini.ts')).gemini,
  claude: async () => (await import('./adapters/claude.ts')).claude,
  elevenlabs: async () => (await import('./adapters/elevenlabs.ts')).elevenlabs,
  google_tts: async () => (await import('./adapters/google-tts.ts')).googleTts,
  local_small_model: async () => (await import('./adapters/local-small-model.ts')).localSmallModel,
} satisfies Record<ProviderName, () => Promise<ProviderFactory>>;

/** The providers that have an adapter: all of them, as the compiler has checked above. */
export type AdaptedProvider = keyof typeof ADAPTERS;

/**
 * Loads a provider's adapter and gives it its settings.
 * @param settings the API key from the environment, and a base URL where it is not the vendor's own
 */
export async function createProvider(name: AdaptedProvider, settings: ProviderSettings): Promise<Provider> {
  const factory = await ADAPTERS[name]();
  return factory(settings);
}
