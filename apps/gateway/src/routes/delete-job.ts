import { z } from 'zod';
import { ERROR_RESPONSES, IdSchema, JobParams, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

export const deleteJob = declareRoute({
  method: 'DELETE',
  path: '/v1/jobs/:id',
  need: 'app',
  scope: 'own',
  tag: 'jobs',
  about: 'Take a request back; the job is cancelled when nobody else waits for it',
  errors: 'problem',
  params: JobParams,
  query: z.strictObject({ request_id: IdSchema.optional() }),
  responses: {
    200: {
      about: 'what became of it. left: others still wait for the job. cancelled: the job is. finished: too late',
      schema: z.object({ job_id: z.string(), request_id: z.string(), outcome: z.enum(['left', 'cancelled', 'finished']) }),
    },
    ...ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ caller, params, query }) {
    const found = await caller.aiCore.findRequest(params.id, query.request_id ?? null);
    return { job_id: found.jobId, request_id: found.requestId, outcome: await found.takeBack() };
  },
});
