import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError } from '@ai-core/core';
import {
  findLookedThrough,
  forgetMemory,
  getReceipt,
  listMemory,
  markMemoryStale,
  rateMemory,
  rejectMemory,
  restoreMemory,
  showJob,
  showMemory,
  unverifyMemory,
  VERDICTS,
  verifyMemory,
  type Act,
} from '@ai-core/store';
import { hasRole } from '../access-rules.ts';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';
import { sendSound } from '../send-sound.ts';
import { actOf, FlagSchema, IdParams, IdsSchema, LimitSchema, parseInput, toPage } from './api-parts.ts';
import { toReceiptJson } from './receipts.ts';

const Query = z.object({
  simulated: FlagSchema.default(false),
  requestType: z.string().optional(),
  kind: z.enum(['text', 'audio']).optional(),
  provider: z.string().optional(),
  verdict: z.enum(VERDICTS).optional(),
  search: z.string().max(200).optional(),
  inAnswers: FlagSchema.default(false),
  model: z.string().max(200).optional(),
  scope: z.string().max(200).optional(),
  minRating: z.coerce.number().min(0).max(5).optional(),
  maxRating: z.coerce.number().min(0).max(5).optional(),
  minUses: z.coerce.number().int().min(0).optional(),
  newerThanDays: z.coerce.number().int().min(1).max(10_000).optional(),
  unusedForDays: z.coerce.number().int().min(1).max(10_000).optional(),
  allVersions: FlagSchema.default(false),
  cursor: z.uuid().optional(),
  limit: LimitSchema,
});
/** Answers that one request looks through; pages go on where it has ended. */
const LOOK_THROUGH = 10_000;
const ACTIONS = ['verify', 'unverify', 'reject', 'stale', 'restore', 'forget'] as const;
const ActionParams = z.object({ action: z.enum(ACTIONS) });
const ActionBody = z.object({ ids: IdsSchema, reason: z.string().max(500).nullable().default(null) });
const RatingBody = z.object({ rating: z.number().min(0).max(5), comment: z.string().max(2_000).nullable().default(null) });

interface Work {
  readonly act: Act;
  readonly id: string;
  readonly reason: string | null;
  readonly services: ConsoleServices;
}

/** Each says whether it changed something. */
const PERFORM: Record<(typeof ACTIONS)[number], (work: Work) => Promise<boolean>> = {
  verify: async ({ act, id }) => (await verifyMemory(act, id)).changed,
  unverify: async ({ act, id }) => (await unverifyMemory(act, id)).changed,
  reject: async ({ act, id, reason }) => (await rejectMemory(act, id, reason)).changed,
  stale: async ({ act, id, reason }) => (await markMemoryStale(act, id, reason)).changed,
  restore: async ({ act, id }) => (await restoreMemory(act, id)).changed,
  forget: async ({ act, id, services }) => (await forgetMemory(act, { memoryId: id }, services.objects)).memories > 0,
};

/** Remembered answers: finding them, judging them, listening to them. */
export function registerMemory(app: FastifyInstance, services: ConsoleServices): void {
  const { database, objects } = services;

  app.get('/api/memory', async (request) => {
    const { cursor, limit, ...question } = parseInput(Query, request.query);
    const asked = { ...question, after: cursor, lookThrough: LOOK_THROUGH };
    const page = toPage(await listMemory(database, { ...asked, limit: limit + 1 }), limit, (row) => row.id);
    // Fewer than a page: what is older was not looked at yet, and the next page begins there.
    return page.next !== null ? page : { ...page, next: await findLookedThrough(database, asked) };
  });

  app.get('/api/memory/:id', async (request) => {
    const memory = await showMemory(database, parseInput(IdParams, request.params).id);
    if (memory === null) throw new AiCoreError('NOT_FOUND', 'there is no remembered answer of this id; it may have been forgotten');
    const job = memory.jobId === null ? null : await showJob(database, memory.jobId);
    // The usage log outlives the job.
    const receipt = memory.jobId === null ? null : await getReceipt(database, memory.jobId);
    return { ...memory, attempts: job?.history ?? null, receipt: receipt === null ? null : toReceiptJson(receipt) };
  });

  app.get('/api/memory/:id/audio', async (request, reply) => {
    const memory = await showMemory(database, parseInput(IdParams, request.params).id);
    if (memory === null || memory.audio === null) throw new AiCoreError('NOT_FOUND', 'there is no speech of this id');
    if (objects === null) throw new AiCoreError('STORE_UNAVAILABLE', 'this console has no object store: set the S3 variables');
    return sendSound({ objects, file: memory.audio.file, range: request.headers.range, reply });
  });

  app.post('/api/memory/actions/:action', async (request) => {
    const { action } = parseInput(ActionParams, request.params);
    const { ids, reason } = parseInput(ActionBody, request.body);
    // What is forgotten does not come back: operators decide that, not reviewers.
    if (action === 'forget' && !hasRole(sessionOf(request).user.role, 'operator'))
      throw new AiCoreError('FORBIDDEN', 'forgetting answers needs the role operator');
    const act = actOf(services, request);
    const refused: { readonly id: string; readonly why: string }[] = [];
    const changed: string[] = [];
    for (const id of new Set(ids)) {
      try {
        if (await PERFORM[action]({ act, id, reason, services })) changed.push(id);
      } catch (error) {
        if (!AiCoreError.is(error) || error.facts.http >= 500) throw error;
        refused.push({ id, why: error.reason });
      }
    }
    return { done: new Set(ids).size - refused.length, changed, refused };
  });

  app.post('/api/memory/:id/rating', async (request) => {
    const { id } = parseInput(IdParams, request.params);
    const { name } = sessionOf(request).user;
    const given = parseInput(RatingBody, request.body);
    return rateMemory(database, { memoryId: id, userId: `console:${name}`, caller: 'console', auditedAs: name, ...given });
  });
}
