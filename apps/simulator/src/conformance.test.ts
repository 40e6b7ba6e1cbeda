import { PROVIDER_NAMES, type ProviderName } from '@ai-core/core';
import { type ConformanceRig, describeProvider } from '@ai-core/providers/conformance';
import { startSimulator } from './start-simulator.ts';

interface RigFacts extends Pick<ConformanceRig, 'models' | 'voices'> {
  readonly inaudibleFaults?: readonly string[];
}

const FACTS: Readonly<Record<ProviderName, RigFacts>> = {
  openai: { models: { text: 'gpt-6-luna', audio: 'tts-1' }, voices: { other: 'nova' } },
  gemini: {
    models: { text: 'gemini-3.5-flash-lite', audio: 'gemini-3.8-flash-lite-tts' },
    voices: { other: 'Puck' },
    // Samples without a header: any bytes are sound.
    inaudibleFaults: ['audio-json', 'audio-cut'],
  },
  claude: { models: { text: 'claude-haiku-5-5' } },
  elevenlabs: { models: { audio: 'eleven_multilingual_v2' }, voices: { other: 'Brian' } },
  google_tts: { models: { audio: 'neural2' }, voices: { other: 'en-US-Neural2-D' } },
  local_small_model: { models: { text: 'zporta_v1' } },
};

function startRig(provider: ProviderName): () => Promise<ConformanceRig> {
  return async () => {
    const simulator = await startSimulator({ speech: 'tiled' });
    const { models, voices } = FACTS[provider];
    return {
      models,
      voices,
      settings: { apiKey: 'sk-conformance-4711', baseUrl: simulator.baseUrls[provider] },
      spoil: (prompt, fault) => `${prompt} [[fault:${fault}]]`,
      spoilNext: (fault) => void simulator.control().addFault({ provider, fault, times: 1 }),
      billed: () => simulator.bill(),
      calls: () => simulator.control().calls(),
      close: () => simulator.close(),
    };
  };
}

for (const provider of PROVIDER_NAMES) describeProvider(provider, startRig(provider), FACTS[provider].inaudibleFaults);
