/** A provider that takes 200 ms, like a quick real one. */
import type { Provider } from '@ai-core/providers';
import { providers as atOnce } from './stub-provider.ts';

const LATENCY_MS = 200;

const slow: Provider = {
  name: 'openai',
  async generateText(call) {
    await new Promise((resolve) => setTimeout(resolve, LATENCY_MS));
    return atOnce.openai.generateText(call);
  },
};

export const providers = { openai: slow };
