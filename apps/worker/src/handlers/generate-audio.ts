import type { ClaimedJob, SettledAnswer } from '@ai-core/store';
import { callForSpeech } from '../call-for-speech.ts';
import { failJob } from '../fail-job.ts';
import { keepSound } from '../keep-sound.ts';
import { priceCall } from '../price-call.ts';
import type { Services } from '../services.ts';
import { settleAnswer } from '../settle-answer.ts';
import { readSpeechOrder, type SpeechOrder } from '../speech-order.ts';

/** Speaks the job's text, keeps the MP3, and brings the answer or the failure into the ledger. */
export async function generateAudio(services: Services, job: ClaimedJob): Promise<void> {
  let answer: SettledAnswer;
  try {
    answer = await speakWhole(services, job, await readSpeechOrder(services, job));
  } catch (error) {
    return failJob(services, job, error);
  }
  await settleAnswer(services, answer);
}

/** A text that the engine takes at once: one call, paid by the job's own attempt. */
async function speakWhole(services: Services, job: ClaimedJob, order: SpeechOrder): Promise<SettledAnswer> {
  const since = performance.now();
  const result = await callForSpeech(services, job, { order, text: order.text, attemptId: job.attemptId });
  const latencyMs = performance.now() - since;
  const priced = await priceCall(services, job, { usage: result.usage, model: result.model });
  const audio = await keepSound(services, job, result);
  return {
    jobId: job.jobId,
    fence: job.fence,
    attemptId: job.attemptId,
    usage: priced.usage,
    rawUsage: result.rawUsage,
    costNanoUsd: priced.costNanoUsd,
    priceId: priced.priceId,
    billedModel: result.model,
    providerRequestId: result.providerRequestId,
    remember: job.shared,
    promptText: job.request.prompt,
    text: null,
    audio,
    latencyMs,
    ignoredOptions: [...result.ignoredOptions, ...order.ignored],
  };
}
