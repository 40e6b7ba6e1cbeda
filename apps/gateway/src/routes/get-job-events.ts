import { AiCoreError, isFinished } from '@ai-core/core';
import { z } from 'zod';
import { problemOf } from '../answer-error.ts';
import { openEventStream } from '../event-stream.ts';
import { ERROR_RESPONSES, IdSchema, JobParams, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { toTextAnswer } from '../wire-answer.ts';

/** As long as a job may take; a client that loses the connection asks again and gets the text from its beginning. */
const LONGEST_STREAM_MS = 3_600_000;

export const getJobEvents = declareRoute({
  method: 'GET',
  path: '/v1/jobs/:id/events',
  need: 'app',
  scope: 'own',
  tag: 'jobs',
  about: 'How a job goes, as server-sent events: state, delta and reset of its text, then done or error',
  errors: 'problem',
  params: JobParams,
  query: z.strictObject({ request_id: IdSchema.optional() }),
  responses: { 200: { about: 'the events', contentTypes: ['text/event-stream'] }, ...ERROR_RESPONSES },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ caller, params, query, reply, whenLeft }) {
    const found = await caller.aiCore.findRequest(params.id, query.request_id ?? null);
    const { state } = await found.look();
    const stream = openEventStream(reply);
    const events = found.events({ timeoutMs: LONGEST_STREAM_MS });
    whenLeft().addEventListener('abort', () => void events.return?.(), { once: true });
    try {
      await stream.send({ job_id: found.jobId, request_id: found.requestId, state: isFinished(state) ? 'finished' : state }, 'state');
      for await (const event of events) {
        const isOpen =
          event.type === 'done'
            ? await stream.send({ sequence: event.sequence, ...toTextAnswer(event.answer, found.requestId) }, 'done')
            : await stream.send({ ...event, type: undefined }, event.type);
        if (!isOpen) break;
      }
    } catch (error) {
      await stream.send(problemOf(AiCoreError.from(error), reply.request.id), 'error');
    } finally {
      stream.end();
    }
    return reply;
  },
});
