import { AiCoreError, FORMAT_FACTS, NO_USAGE, planSpeech, speaksFormat, SPEECH_FORMATS, USAGE_COUNTS, type Usage } from '@ai-core/core';
import type { ClaimedJob, Objects, RememberedPart, SettledAnswer } from '@ai-core/store';
import { callForSpeech } from '../call-for-speech.ts';
import { failJob } from '../fail-job.ts';
import { joinParts } from '../join-parts.ts';
import { keepSound, reachObjects, type KeptSound } from '../keep-sound.ts';
import { priceCall } from '../price-call.ts';
import type { Services } from '../services.ts';
import { settleAnswer } from '../settle-answer.ts';
import { speakParts } from '../speak-parts.ts';
import { readSpeechOrder, type SpeechOrder } from '../speech-order.ts';

/** What every engine known takes at once. */
const USUAL_LIMIT = { amount: 4_000, unit: 'bytes' } as const;

interface Spoken {
  readonly answer: SettledAnswer;
  readonly sound: KeptSound;
}

/** @throws REQUEST_INVALID for a text that needs parts, in a format whose parts cannot be one file */
function refuseUnjoinable({ format, provider }: SpeechOrder, parts: number): void {
  if (parts === 1 || FORMAT_FACTS[format].isJoinable) return;
  const others = SPEECH_FORMATS.filter((other) => FORMAT_FACTS[other].isJoinable && speaksFormat(provider, other));
  throw new AiCoreError(
    'REQUEST_INVALID',
    `${provider} takes so long a text in ${parts} parts only, and parts of ${format} cannot be joined; ask for ${others.join(', ')}, or for less text at once`,
  );
}

/** Speaks the job's text, keeps the MP3, and brings the answer or the failure into the ledger. */
export async function generateAudio(services: Services, job: ClaimedJob): Promise<void> {
  let spoken: Spoken;
  try {
    const objects = await reachObjects(services);
    const order = await readSpeechOrder(services, job);
    const { language, capabilities } = order;
    const texts = planSpeech(order.text, { language, limit: capabilities.inputLimit ?? USUAL_LIMIT });
    refuseUnjoinable(order, texts.length);
    spoken =
      texts.length === 1
        ? await speakWhole(services, job, { order, objects })
        : await speakInParts(services, job, { order, objects, texts });
  } catch (error) {
    return failJob(services, job, error);
  }
  const { answer, sound } = spoken;
  await settleAnswer(services, answer, sound.inStore ? undefined : sound.stored);
  await sound.confirm();
}

interface Order {
  readonly order: SpeechOrder;
  readonly objects: Objects;
}

/** What an answer of this job has in common, however it was made. */
function answerOf(job: ClaimedJob): Pick<SettledAnswer, 'jobId' | 'fence' | 'attemptId' | 'remember' | 'promptText' | 'text'> {
  const { jobId, fence, attemptId, shared, request } = job;
  return { jobId, fence, attemptId, remember: shared, promptText: request.prompt, text: null };
}

/** A text that is short enough: one call, paid by the job's own attempt. */
async function speakWhole(services: Services, job: ClaimedJob, { order, objects }: Order): Promise<Spoken> {
  const since = performance.now();
  const result = await callForSpeech(services, job, { order, text: order.text, attemptId: job.attemptId });
  const latencyMs = performance.now() - since;
  const priced = await priceCall(services, job, { usage: result.usage, model: result.model });
  const sound = await keepSound(services, objects, { ...job, ...result, format: order.format });
  return {
    sound,
    answer: {
      ...answerOf(job),
      usage: priced.usage,
      rawUsage: result.rawUsage,
      costNanoUsd: priced.costNanoUsd,
      priceId: priced.priceId,
      billedModel: result.model,
      providerRequestId: result.providerRequestId,
      audio: sound.stored,
      latencyMs,
      ignoredOptions: [...result.ignoredOptions, ...order.ignored],
    },
  };
}

function addUsage(one: Usage, other: Usage): Usage {
  return {
    ...one,
    ...Object.fromEntries(USAGE_COUNTS.map((name) => [name, one[name] + other[name]])),
    estimated: one.estimated || other.estimated,
  };
}

/** What the whole speech is worth: every part, bought now or before. Null when the price of one is not known. */
function worthOf(parts: readonly RememberedPart[]): NonNullable<SettledAnswer['parts']> {
  return {
    usage: parts.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
    costNanoUsd: parts.reduce<bigint | null>(
      (sum, { costNanoUsd }) => (sum === null || costNanoUsd === null ? null : sum + costNanoUsd),
      0n,
    ),
  };
}

/** A long text: its parts are bought and accounted for one by one, the job's own attempt makes no call. */
async function speakInParts(
  services: Services,
  job: ClaimedJob,
  { order, objects, texts }: Order & { readonly texts: readonly string[] },
): Promise<Spoken> {
  const since = performance.now();
  const parts = await speakParts(services, job, { order, objects, texts });
  const sound = await joinParts(services, objects, { ...job, parts, format: order.format });
  return {
    sound,
    answer: {
      ...answerOf(job),
      usage: NO_USAGE,
      parts: worthOf(parts),
      rawUsage: null,
      costNanoUsd: 0n,
      priceId: null,
      billedModel: null,
      providerRequestId: null,
      audio: sound.stored,
      latencyMs: performance.now() - since,
      ignoredOptions: [...new Set([...parts.flatMap(({ ignoredOptions }) => ignoredOptions), ...order.ignored])],
    },
  };
}
