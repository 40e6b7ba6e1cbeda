import { AiCoreError, isProviderName } from '@ai-core/core';
import type { TextResult } from '@ai-core/providers';
import type { ClaimedJob } from '@ai-core/store';
import { configOfJob, decideTimeouts } from '../call-timeouts.ts';
import { failJob } from '../fail-job.ts';
import { callInIsolation, DEATHS_OF_A_SUSPECT, type PortableTextCall } from '../isolated-call.ts';
import { toPaidText } from '../paid-text.ts';
import type { Services } from '../services.ts';
import { settleAnswer } from '../settle-answer.ts';
import { limitOutput, writeRequest } from '../text-request.ts';

/** Asks the job's model for its text, and brings the answer or the failure into the ledger. */
export async function generateText(services: Services, job: ClaimedJob): Promise<void> {
  const since = performance.now();
  const stream = job.request.stream === true ? services.textStreams.open(job) : undefined;
  let result: TextResult;
  try {
    result = await callProvider(services, job, stream?.push);
  } catch (error) {
    stream?.end('failed');
    return failJob(services, job, error);
  }
  stream?.end('answered');
  const latencyMs = performance.now() - since;
  if (result.usageDoubt === 'implausible') {
    services.log.warn(
      { jobId: job.jobId, provider: job.provider, model: result.model },
      'the provider reported an impossible usage; ours was billed instead',
    );
  }
  await settleAnswer(services, await toPaidText(services, job, { result, latencyMs }));
}

/** An own model is known by its version, whatever its server calls it: memory, prices and a rollback go by that name. */
function named(job: ClaimedJob, result: TextResult): TextResult {
  return job.provider === 'local_small_model' ? { ...result, model: job.model } : result;
}

/** @param onDelta gets the text piece by piece; a call in isolation brings it whole all the same */
async function callProvider(services: Services, job: ClaimedJob, onDelta: ((text: string) => void) | undefined): Promise<TextResult> {
  const snapshot = await services.snapshots.get();
  const config = configOfJob(snapshot, job);
  const asked = config?.capabilities.servedBy ?? { provider: job.provider, model: job.model };
  if (!isProviderName(asked.provider)) throw new AiCoreError('MODEL_UNKNOWN', `there is no provider ${asked.provider}`);
  const written = await writeRequest(services, job);
  const call: PortableTextCall = {
    model: asked.model,
    attemptId: job.attemptId,
    timeouts: decideTimeouts(snapshot, job),
    capabilities: config?.capabilities,
    ...written,
    maxOutputTokens: limitOutput(job, config),
  };
  if (job.crashCount >= DEATHS_OF_A_SUSPECT) {
    const isolated = await callInIsolation(
      { kind: 'text', provider: asked.provider, call, source: services.providerSource },
      services.handBack,
    );
    return named(job, isolated);
  }
  const provider = await services.providerFor(asked.provider);
  if (provider.generateText === undefined) throw new AiCoreError('MODEL_UNKNOWN', `${asked.provider} does not generate text`);
  return named(job, await provider.generateText({ ...call, signal: services.handBack, onDelta }));
}
