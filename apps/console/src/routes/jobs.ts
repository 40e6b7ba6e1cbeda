import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError } from '@ai-core/core';
import { inboxTopic } from '@ai-core/queue';
import { cancel, JOB_STATES, listJobPage, listJobs, recordChange, retryJobs, showJob } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { CursorSchema, FlagSchema, IdParams, IdsSchema, LimitSchema, parseInput, toPage } from './api-parts.ts';

const Query = z.object({
  simulated: FlagSchema.default(false),
  state: z.enum(JOB_STATES).optional(),
  requestType: z.string().optional(),
  cursor: CursorSchema.optional(),
  limit: LimitSchema,
});
const Body = z.object({ ids: IdsSchema });
const MOST_REDRIVEN = 500;

/** Jobs: their state and history, sending failed ones round again, taking others back. */
export function registerJobs(app: FastifyInstance, services: ConsoleServices): void {
  const { database, queue } = services;

  async function retry(ids: readonly string[], actor: string): Promise<object> {
    const jobs = await retryJobs(database, ids);
    const queued = jobs.filter(({ outcome }) => outcome === 'queued');
    for (const { jobId } of queued) await recordChange(database, { actor, action: 'job.retried', subject: jobId });
    // The ledger says queued already: when the queue is away the sweeper dispatches them.
    await queue
      .dispatch(jobs.flatMap(({ dispatch }) => (dispatch === null ? [] : [dispatch])))
      .catch((error: unknown) => services.log.warn({ err: error }, 'the queue is unreachable; the sweeper will dispatch the jobs'));
    return {
      done: queued.length,
      refused: jobs.filter(({ outcome }) => outcome !== 'queued').map(({ jobId, outcome }) => ({ id: jobId, why: outcome })),
    };
  }

  app.get('/api/jobs', async (request) => {
    const { cursor, limit, ...question } = parseInput(Query, request.query);
    const rows = await listJobPage(database, { ...question, after: cursor, limit: limit + 1 });
    return toPage(rows, limit, (row) => `${row.createdAt}~${row.id}`);
  });

  app.get('/api/jobs/:id', async (request) => {
    const job = await showJob(database, parseInput(IdParams, request.params).id);
    if (job === null) throw new AiCoreError('NOT_FOUND', 'there is no such job; finished jobs are kept for 7 days, failed ones for 30');
    return job;
  });

  app.post('/api/jobs/actions/retry', async (request) => retry(parseInput(Body, request.body).ids, sessionOf(request).user.name));

  app.post('/api/jobs/actions/redrive', async (request) => {
    const failed = await listJobs(database, 'failed', MOST_REDRIVEN);
    return retry(
      failed.map(({ id }) => id),
      sessionOf(request).user.name,
    );
  });

  app.post('/api/jobs/actions/cancel', async (request) => {
    const { ids } = parseInput(Body, request.body);
    const refused: { readonly id: string; readonly why: string }[] = [];
    for (const id of ids) {
      const { outcome, replyTo } = await cancel(database, id, null);
      if (outcome !== 'cancelled') {
        refused.push({ id, why: outcome });
        continue;
      }
      await recordChange(database, { actor: sessionOf(request).user.name, action: 'job.cancelled', subject: id });
      await queue.messages
        .publish(replyTo.map((inbox) => ({ topic: inboxTopic(inbox), text: id })))
        .catch((error: unknown) => services.log.warn({ err: error }, 'the callers of a cancelled job learn of it by looking'));
    }
    return { done: ids.length - refused.length, refused };
  });
}
