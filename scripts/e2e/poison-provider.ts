/** A provider that some prompts kill: the process that calls it for them dies at once, as by a crash in native code. */
import { NO_USAGE } from '@ai-core/core';
import type { Provider } from '@ai-core/providers';

const KILLS = 'kills its worker';
const STUNS = 'stuns its worker';

const fragile: Provider = {
  name: 'openai',
  async generateText(call) {
    // Time for the neighbours to be in the same process.
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (call.prompt.includes(KILLS)) process.kill(process.pid, 'SIGKILL');
    // Its process lives and does nothing any more, as in a loop without end, at no cost to the machine.
    if (call.prompt.includes(STUNS)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return {
      text: `answer to ${call.prompt}`,
      toolCalls: [],
      model: call.model,
      usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 10 },
      usageDoubt: null,
      rawUsage: null,
      providerRequestId: null,
      ignoredOptions: [],
    };
  },
};

export const providers = { openai: fragile };
