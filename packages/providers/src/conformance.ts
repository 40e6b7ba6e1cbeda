/**
 * What every adapter must do, whatever the vendor: one suite, run for each of them against a server that can fail on
 * request. Use it in a test file: `describeProvider('openai', startRig)`.
 */
import { type ProviderFacts, type ProviderName, PROVIDERS, type Usage } from '@ai-core/core';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeBatches } from './conformance/batches.ts';
import { describeSpeech } from './conformance/speech.ts';
import { describeText } from './conformance/text.ts';
import type { Provider, ProviderSettings } from './provider.ts';
import { createProvider } from './registry.ts';

/** The emulated vendor that the suite calls. */
export interface ConformanceRig {
  readonly settings: ProviderSettings;
  /** A model that the vendor has, for each kind of work. */
  readonly models: { readonly text?: string; readonly audio?: string };
  /** A voice other than the usual one. */
  readonly voices?: { readonly other: string } | undefined;
  /** A prompt that makes the vendor fail so. */
  spoil(prompt: string, fault: string): string;
  /** Makes the next call that nothing else spoils fail so; absent = the vendor has no batches. */
  spoilNext?(fault: string): void;
  /** Charged calls, oldest first. */
  billed(): readonly { attemptId: string | null; model: string; usage: Usage; requestId: string }[];
  /** Requests for paid work that arrived, failed ones included. */
  calls(): readonly { attemptId: string | null }[];
  close(): Promise<void>;
}

/** The vendors that have a batch API. */
const BATCHED: ReadonlySet<ProviderName> = new Set<ProviderName>(['openai', 'claude', 'gemini']);

/** A running rig with the adapter that is tested. */
export interface Bench {
  readonly name: ProviderName;
  readonly rig: ConformanceRig;
  readonly provider: Provider;
}

/**
 * Declares the suite for one provider.
 * @param start starts the emulated vendor; called once, closed at the end
 * @param inaudibleFaults faults of sound that the vendor's wire has no way of showing
 */
export function describeProvider(name: ProviderName, start: () => Promise<ConformanceRig>, inaudibleFaults: readonly string[] = []): void {
  describe(`the ${name} adapter`, () => {
    let bench: Bench | undefined;
    beforeAll(async () => {
      const rig = await start();
      bench = { name, rig, provider: await createProvider(name, rig.settings) };
    });
    afterAll(() => bench?.rig.close());
    const running = (): Bench => {
      if (!bench) throw new Error('The emulated vendor is not running.');
      return bench;
    };
    const kinds: ProviderFacts['queues'] = PROVIDERS[name].queues;
    if (kinds.text) describeText(running);
    if (BATCHED.has(name)) describeBatches(running);
    if (kinds.audio) describeSpeech(running, inaudibleFaults);
  });
}
