import type { ProviderName } from '@ai-core/core';
import { claude } from './vendors/claude.ts';
import { elevenlabs } from './vendors/elevenlabs.ts';
import { gemini, googleTts } from './vendors/google.ts';
import { localSmallModel, openai } from './vendors/openai.ts';
import type { Vendor } from './vendor.ts';
import { claudeBatches } from './wire/claude-batches.ts';
import { claudeMessages } from './wire/claude-messages.ts';
import { claudeCountTokens, geminiCountTokens, openaiInputTokens } from './wire/count-tokens.ts';
import { elevenlabsSpeech } from './wire/elevenlabs-speech.ts';
import { elevenlabsVoices } from './wire/elevenlabs-voices.ts';
import { geminiBatches } from './wire/gemini-batches.ts';
import { geminiContent } from './wire/gemini-content.ts';
import { googleSpeech } from './wire/google-speech.ts';
import { googleVoices } from './wire/google-voices.ts';
import { openaiBatches } from './wire/openai-batches.ts';
import { openaiChat } from './wire/openai-chat.ts';
import { openaiModels } from './wire/openai-models.ts';
import { openaiSpeech } from './wire/openai-speech.ts';
import { openaiTuning } from './wire/openai-tuning.ts';
import { vertexTuning } from './wire/vertex-tuning.ts';
import type { Route } from './wire.ts';

export const VENDORS = {
  openai,
  gemini,
  claude,
  elevenlabs,
  google_tts: googleTts,
  local_small_model: localSmallModel,
} as const satisfies Record<ProviderName, Vendor>;

/** Everything the simulator can be asked, a line for each wire format. */
const ROUTES: readonly Route[] = [
  openaiChat(openai),
  openaiModels(openai),
  openaiInputTokens,
  openaiSpeech(openai),
  ...openaiTuning,
  ...openaiBatches,
  openaiChat(localSmallModel),
  openaiModels(localSmallModel),
  claudeMessages,
  claudeCountTokens,
  ...claudeBatches,
  geminiContent,
  geminiCountTokens,
  ...geminiBatches,
  ...vertexTuning,
  elevenlabsSpeech,
  elevenlabsVoices,
  googleSpeech,
  googleVoices,
];

export interface FoundRoute {
  readonly route: Route;
  readonly groups: readonly string[];
}

/**
 * @param path the path of a request, without its query
 * @returns the vendor whose prefix the path has, and the route if the vendor has one there
 */
export function findRoute(method: string, path: string): { vendor: Vendor; found: FoundRoute | undefined } | undefined {
  const vendor = Object.values<Vendor>(VENDORS).find((entry) => path.startsWith(`${entry.prefix}/`));
  if (!vendor) return undefined;
  const below = path.slice(vendor.prefix.length);
  for (const route of ROUTES) {
    if (route.vendor !== vendor || route.method !== method) continue;
    const match = route.path.exec(below);
    if (match) return { vendor, found: { route, groups: match.slice(1) } };
  }
  return { vendor, found: undefined };
}
