/**
 * What is true of each provider whatever its models: which kinds of work it does, the queue that carries each kind,
 * and the environment variables that hold its key and base URL. Everything else about a provider is a row or an adapter.
 */

import { SPEECH_FORMATS, type SpeechFormat } from './speech-format.ts';

export type Kind = 'text' | 'audio';

export interface ProviderFacts {
  /** Name of the environment variable with the API key; null = needs none. */
  readonly keyVariable: string | null;
  /** Name of the environment variable that overrides the base URL. */
  readonly baseUrlVariable: string;
  /** One queue per kind of work the provider does. */
  readonly queues: Readonly<Partial<Record<Kind, string>>>;
  /** Its text models call functions; absent = they do not. A configuration may say otherwise of one model. */
  readonly callsTools?: boolean;
  /** Forms its speech can be had in; absent = it does not speak. */
  readonly speechFormats?: readonly SpeechFormat[];
}

export const PROVIDERS = {
  openai: {
    keyVariable: 'OPENAI_API_KEY',
    baseUrlVariable: 'OPENAI_BASE_URL',
    queues: { text: 'text-openai', audio: 'audio-openai' },
    callsTools: true,
    speechFormats: SPEECH_FORMATS,
  },
  gemini: {
    keyVariable: 'GEMINI_API_KEY',
    baseUrlVariable: 'GEMINI_BASE_URL',
    queues: { text: 'text-gemini', audio: 'audio-gemini' },
    callsTools: true,
    speechFormats: ['mp3', 'wav', 'pcm'],
  },
  claude: { keyVariable: 'ANTHROPIC_API_KEY', baseUrlVariable: 'ANTHROPIC_BASE_URL', queues: { text: 'text-claude' }, callsTools: true },
  elevenlabs: {
    keyVariable: 'ELEVENLABS_API_KEY',
    baseUrlVariable: 'ELEVENLABS_BASE_URL',
    queues: { audio: 'audio-elevenlabs' },
    speechFormats: ['mp3', 'opus', 'wav', 'pcm'],
  },
  google_tts: {
    keyVariable: 'GOOGLE_TTS_API_KEY',
    baseUrlVariable: 'GOOGLE_TTS_BASE_URL',
    queues: { audio: 'audio-google-tts' },
    speechFormats: ['mp3', 'opus', 'wav', 'pcm'],
  },
  local_small_model: { keyVariable: null, baseUrlVariable: 'LOCAL_MODEL_BASE_URL', queues: { text: 'text-local' } },
} as const satisfies Record<string, ProviderFacts>;

export type ProviderName = keyof typeof PROVIDERS;

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as ProviderName[];

/** The queue of house-keeping work: roll-up, sweeps, exports, training. */
export const MAINTENANCE_QUEUE = 'maintenance';

export interface ProviderQueue {
  readonly queue: string;
  readonly provider: ProviderName;
  readonly kind: Kind;
}

/** Every provider queue there is, in the order of the table above. */
export const PROVIDER_QUEUES: readonly ProviderQueue[] = PROVIDER_NAMES.flatMap((provider) =>
  Object.entries(PROVIDERS[provider].queues).map(([kind, queue]) => ({ queue, provider, kind: kind as Kind })),
);

/** A worker's role is the name of a queue it serves. */
export const ROLES: readonly string[] = [...PROVIDER_QUEUES.map((entry) => entry.queue), MAINTENANCE_QUEUE];

/** @returns true when `name` is one of the six providers. */
export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name);
}

/**
 * The queue that carries one kind of work for one provider.
 * @returns undefined when the provider does not do that kind of work.
 */
export function queueOf(provider: string, kind: Kind): string | undefined {
  if (!isProviderName(provider)) return undefined;
  const facts: ProviderFacts = PROVIDERS[provider];
  return facts.queues[kind];
}

/**
 * The queue of a configuration's calls: that of whoever answers for it.
 * @returns undefined when the provider does not do that kind of work.
 */
export function queueOfConfig(
  config: { readonly provider: string; readonly capabilities: { readonly servedBy?: { readonly provider: string } | undefined } },
  kind: Kind,
): string | undefined {
  return queueOf(config.capabilities.servedBy?.provider ?? config.provider, kind);
}

/** @returns whether a provider's speech can be had in a format */
export function speaksFormat(provider: ProviderName, format: SpeechFormat): boolean {
  const facts: ProviderFacts = PROVIDERS[provider];
  return facts.speechFormats?.includes(format) === true;
}
