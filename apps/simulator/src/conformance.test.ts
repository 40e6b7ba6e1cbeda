import { type ConformanceRig, describeProvider } from '@ai-core/providers/conformance';
import { startSimulator } from './start-simulator.ts';

const MODELS = {
  openai: { text: 'gpt-6-luna' },
  claude: { text: 'claude-haiku-5-5' },
  local_small_model: { text: 'zporta_v1' },
} as const;

function rig(provider: keyof typeof MODELS): () => Promise<ConformanceRig> {
  return async () => {
    const simulator = await startSimulator();
    return {
      settings: { apiKey: 'sk-conformance-4711', baseUrl: simulator.baseUrls[provider] ?? null },
      models: MODELS[provider],
      spoil: (prompt, fault) => `${prompt} [[fault:${fault}]]`,
      billed: () => simulator.bill(),
      calls: () => simulator.control().calls(),
      close: () => simulator.close(),
    };
  };
}

for (const provider of ['openai', 'claude', 'local_small_model'] as const) describeProvider(provider, rig(provider));
