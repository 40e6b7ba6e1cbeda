import { AiCoreError, AudioRequestSchema, parseAudioRequest } from '@ai-core/core';
import { z } from 'zod';
import { readIdempotencyKey } from '../idempotency-header.ts';
import { checkWebhook, promiseWebhook } from '../promise-webhook.ts';
import { ERROR_RESPONSES, IDEMPOTENCY_HEADER, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { requireScope } from '../scopes.ts';
import { AUDIO_TYPES, sendAudio, sourceOf, wantsBytes } from '../send-audio.ts';
import {
  answerPending,
  EstimateSchema,
  AudioAnswerSchema,
  PendingSchema,
  setReceiptHeaders,
  toEstimate,
  toAudioAnswer,
} from '../wire-answer.ts';

export const postAudio = declareRoute({
  method: 'POST',
  path: '/v1/audio',
  need: 'app',
  scope: 'request',
  tag: 'generate',
  about: 'Speak a text: from memory, from work in flight, or by the best voice engine there is',
  errors: 'problem',
  body: AudioRequestSchema,
  checksBody: true,
  headers: {
    ...IDEMPOTENCY_HEADER,
    Accept: 'audio/mpeg or another type of sound: the file itself, in the format of the request, with its receipt in headers',
    Range: 'with Accept audio/mpeg: a part of the file',
  },
  responses: {
    200: { about: 'the speech', schema: z.union([AudioAnswerSchema, EstimateSchema]), contentTypes: ['application/json', ...AUDIO_TYPES] },
    202: { about: 'not ready within wait_s; the work goes on', schema: PendingSchema },
    ...ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ services, caller, body, request, reply, whenLeft }) {
    const asked = parseAudioRequest(body);
    requireScope(caller.key, asked.scope);
    if (asked.estimate) return toEstimate(await caller.aiCore.estimateAudio(asked));
    checkWebhook(services, asked.webhook_url);
    const handle = await caller.aiCore.acceptAudio(asked, { idempotencyKey: readIdempotencyKey(request) });
    await promiseWebhook(services, caller, { handle, url: asked.webhook_url });
    const { jobId, requestId } = handle;
    if (jobId !== null && asked.wait_s === 0) return answerPending(reply, { jobId, requestId, state: 'queued' });
    try {
      const leave = jobId === null ? undefined : whenLeft();
      const answer = await handle.link({ timeoutMs: Math.max(1, asked.wait_s * 1_000), leave });
      const wire = toAudioAnswer(answer, requestId);
      setReceiptHeaders(reply, wire);
      return wantsBytes(request) ? await sendAudio(caller.aiCore, reply, { ...answer, source: sourceOf(answer) }) : wire;
    } catch (error) {
      if (jobId === null || AiCoreError.from(error).code !== 'RESULT_NOT_READY') throw error;
      return answerPending(reply, { jobId, requestId, state: 'queued' });
    }
  },
});
