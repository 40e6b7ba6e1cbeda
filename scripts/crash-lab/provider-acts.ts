import type { ProviderName } from '@ai-core/core';
import type { FaultRule } from '@ai-core/simulator';
import type { Act } from './nemesis.ts';
import type { ActName } from './profile.ts';
import type { SimulatorProcess } from './simulator-process.ts';

/** Those that the load reaches. */
const PROVIDERS: readonly ProviderName[] = ['openai', 'claude', 'gemini', 'elevenlabs', 'google_tts'];

/**
 * How a provider is ill. Answers that are paid and never arrive whole strike a few calls, and no prompt twice: of a request that is
 * pinned to a model two such answers are the last word, and then it would rightly fail.
 */
const ILLNESSES = {
  provider_errors: { fault: 'server' },
  provider_overloaded: { fault: 'overloaded' },
  provider_late_first_byte: { fault: 'slow?ms=4000' },
  provider_stalls: { fault: 'stall', times: 6, oncePerPrompt: true },
  provider_cuts_answers: { fault: 'cut', times: 12, oncePerPrompt: true },
} as const satisfies Partial<Record<ActName, FaultRule>>;

/** One provider is ill for a while, as acts. */
export function providerActs(simulator: SimulatorProcess): Record<keyof typeof ILLNESSES, Act> {
  const acts = Object.entries(ILLNESSES).map(([name, rule]): [string, Act] => [
    name,
    (target, lastsMs) => simulator.failFor({ ...rule, provider: PROVIDERS[target % PROVIDERS.length] }, lastsMs),
  ]);
  return Object.fromEntries(acts) as Record<keyof typeof ILLNESSES, Act>;
}
