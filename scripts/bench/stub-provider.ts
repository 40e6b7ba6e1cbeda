/** A provider that answers at once without any network. */
import { NO_USAGE } from '@ai-core/core';
import type { Provider, TextCall, TextResult } from '@ai-core/providers';

const text = 'An answer of two kilobytes. '.repeat(74);
const stub = {
  name: 'openai',
  generateText: async (call: TextCall): Promise<TextResult> => ({
    text,
    toolCalls: [],
    model: call.model,
    usage: { ...NO_USAGE, inputTokens: 150, outputTokens: 500 },
    usageDoubt: null,
    rawUsage: { prompt_tokens: 150, completion_tokens: 500 },
    providerRequestId: call.attemptId,
    ignoredOptions: [],
  }),
} satisfies Provider;

export const providers = { openai: stub };
