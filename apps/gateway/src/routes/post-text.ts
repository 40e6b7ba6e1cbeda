import { AiCoreError, parseTextRequest, TextRequestSchema } from '@ai-core/core';
import { z } from 'zod';
import { readIdempotencyKey } from '../idempotency-header.ts';
import { checkWebhook, promiseWebhook } from '../promise-webhook.ts';
import { ERROR_RESPONSES, IDEMPOTENCY_HEADER, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { requireScope } from '../scopes.ts';
import {
  answerPending,
  EstimateSchema,
  PendingSchema,
  setSourceHeaders,
  toEstimate,
  TextAnswerSchema,
  toTextAnswer,
} from '../wire-answer.ts';

export const postText = declareRoute({
  method: 'POST',
  path: '/v1/text',
  need: 'app',
  scope: 'request',
  tag: 'generate',
  about: 'Answer a text request: from memory, from work in flight, or by the cheapest good model',
  errors: 'problem',
  body: TextRequestSchema,
  checksBody: true,
  headers: IDEMPOTENCY_HEADER,
  responses: {
    200: { about: 'the answer', schema: z.union([TextAnswerSchema, EstimateSchema]) },
    202: { about: 'not ready within wait_s; the work goes on', schema: PendingSchema },
    ...ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ services, caller, body, request, reply, whenLeft }) {
    const asked = parseTextRequest(body);
    requireScope(caller.key, asked.scope);
    if (asked.estimate) return toEstimate(await caller.aiCore.estimateText(asked));
    checkWebhook(services, asked.webhook_url);
    const handle = await caller.aiCore.acceptText(asked, { idempotencyKey: readIdempotencyKey(request) });
    await promiseWebhook(services, caller, { handle, url: asked.webhook_url });
    const { jobId, requestId } = handle;
    /** Who may wait for a batch is told that he does. */
    const pending = async (id: string): Promise<object> => {
      const found = asked.lane === 'batch' ? await caller.aiCore.findRequest(id, requestId) : undefined;
      return answerPending(reply, { jobId: id, requestId, state: (await found?.look())?.state ?? 'queued' });
    };
    if (jobId !== null && asked.wait_s === 0) return pending(jobId);
    try {
      const answer = await handle.result({
        timeoutMs: Math.max(1, asked.wait_s * 1_000),
        leave: jobId === null ? undefined : whenLeft(),
      });
      const wire = toTextAnswer(answer, requestId);
      setSourceHeaders(reply, wire);
      return wire;
    } catch (error) {
      if (jobId === null || AiCoreError.from(error).code !== 'RESULT_NOT_READY') throw error;
      return await pending(jobId);
    }
  },
});
