/**
 * A provider that thinks for 6 to 10 seconds, like a real one that writes a long answer; how long follows from the prompt. All
 * callers of a storm have joined by then, and the answers do not all come in the same instant.
 */
import { createHash } from 'node:crypto';
import type { Provider } from '@ai-core/providers';
import { providers as atOnce } from './stub-provider.ts';

const SHORTEST_MS = 6_000;
const SPREAD_MS = 4_000;

function thinkingMs(prompt: string): number {
  return SHORTEST_MS + (createHash('sha256').update(prompt).digest().readUInt16BE(0) / 0xffff) * SPREAD_MS;
}

const slow: Provider = {
  name: 'openai',
  async generateText(call) {
    await new Promise((resolve) => setTimeout(resolve, thinkingMs(call.prompt)));
    return atOnce.openai.generateText(call);
  },
};

export const providers = { openai: slow };
