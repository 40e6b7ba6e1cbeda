import { AiCoreError, isFinished } from '@ai-core/core';
import { z } from 'zod';
import { ERROR_RESPONSES, IdSchema, JobParams, LOOK_TIMEOUT_MS, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { sendAudio, sourceOf, wantsBytes } from '../send-audio.ts';
import {
  answerPending,
  AudioAnswerSchema,
  PendingSchema,
  setReceiptHeaders,
  TextAnswerSchema,
  toAudioAnswer,
  toTextAnswer,
} from '../wire-answer.ts';

const JobQuery = z.strictObject({
  request_id: IdSchema.optional().describe('which of your requests for this job; needed when several hold personal data'),
  wait_s: z.coerce.number().min(0).max(300).default(0).describe('how long to wait for the answer, in seconds'),
});

export const getJob = declareRoute({
  method: 'GET',
  path: '/v1/jobs/:id',
  need: 'app',
  scope: 'own',
  tag: 'jobs',
  about: 'The answer of a job, or how it stands',
  errors: 'problem',
  params: JobParams,
  query: JobQuery,
  responses: {
    200: { about: 'the answer, as the request itself would have got it', schema: z.union([TextAnswerSchema, AudioAnswerSchema]) },
    202: { about: 'not ready', schema: PendingSchema },
    ...ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ caller, params, query, request, reply, whenLeft }) {
    const found = await caller.aiCore.findRequest(params.id, query.request_id ?? null);
    const { state, kind } = await found.look();
    const pending = { jobId: found.jobId, requestId: found.requestId, state };
    if (!isFinished(state) && query.wait_s === 0) return answerPending(reply, pending);
    try {
      const wait = { timeoutMs: isFinished(state) ? LOOK_TIMEOUT_MS : query.wait_s * 1_000, leave: whenLeft() };
      if (kind === 'text') {
        const text = toTextAnswer(await found.result(wait), found.requestId);
        setReceiptHeaders(reply, text);
        return text;
      }
      const answer = await found.link(wait);
      const audio = toAudioAnswer(answer, found.requestId);
      setReceiptHeaders(reply, audio);
      return wantsBytes(request) ? await sendAudio(caller.aiCore, reply, { ...answer, source: sourceOf(answer) }) : audio;
    } catch (error) {
      if (AiCoreError.from(error).code === 'RESULT_NOT_READY') return answerPending(reply, pending);
      throw error;
    }
  },
});
