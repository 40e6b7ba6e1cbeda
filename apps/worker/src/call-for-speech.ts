import { AiCoreError } from '@ai-core/core';
import type { SpeechResult } from '@ai-core/providers';
import type { ClaimedJob } from '@ai-core/store';
import { decideTimeouts } from './call-timeouts.ts';
import { noteMostAtOnce } from './note-most-at-once.ts';
import { callInIsolation, DEATHS_OF_A_SUSPECT, type PortableSpeechCall } from './isolated-call.ts';
import type { Services } from './services.ts';
import type { SpeechOrder } from './speech-order.ts';

export interface SpeechCallFacts {
  readonly order: SpeechOrder;
  /** The whole text, or a part of it. */
  readonly text: string;
  readonly attemptId: string;
}

/**
 * One call of a speech engine, in a process of its own for a job that may have killed its workers.
 * @throws ProviderFailure, JOB_POISONED
 */
export async function callForSpeech(
  services: Services,
  job: ClaimedJob,
  { order, text, attemptId }: SpeechCallFacts,
): Promise<SpeechResult> {
  const { provider: name, model, language, voice, format, options, capabilities } = order;
  const timeouts = decideTimeouts(await services.snapshots.get(), job);
  const call: PortableSpeechCall = { model, attemptId, timeouts, options, capabilities, text, language, voice, format };
  if (job.crashCount >= DEATHS_OF_A_SUSPECT) {
    return callInIsolation({ kind: 'audio', provider: name, call, source: services.providerSource }, services.handBack);
  }
  const provider = await services.providerFor(name);
  if (provider.generateSpeech === undefined) throw new AiCoreError('MODEL_UNKNOWN', `${name} does not generate speech`);
  const result = await provider.generateSpeech({ ...call, signal: services.handBack });
  await noteMostAtOnce(services, name, result.mostAtOnce);
  if (result.usageDoubt === 'implausible') {
    services.log.warn({ jobId: job.jobId, provider: name, model }, 'the provider reported an impossible usage; ours was billed instead');
  }
  return result;
}
