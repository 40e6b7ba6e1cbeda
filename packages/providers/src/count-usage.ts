import { countTokens, NO_USAGE, type Usage } from '@ai-core/core';

/** What a text call consumed by our own count, for servers that do not say: still an estimate, since their encoding is not known. */
export async function countUsage({ sent, received }: { readonly sent: string; readonly received: string }): Promise<Usage> {
  const [inputTokens, outputTokens] = [await countTokens(sent), await countTokens(received)];
  return { ...NO_USAGE, inputTokens, outputTokens, estimated: true };
}
