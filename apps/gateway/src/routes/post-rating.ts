import { rateMemory } from '@ai-core/store';
import { z } from 'zod';
import { requireMemory } from '../memory-access.ts';
import { ERROR_RESPONSES, IdSchema, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

export const postRating = declareRoute({
  method: 'POST',
  path: '/v1/memory/:id/rating',
  need: 'app',
  scope: 'memory',
  tag: 'memory',
  about:
    'Rate a remembered answer for one user; rated again, the newer rating counts. What a key of the role admin rates stands in the audit log',
  errors: 'problem',
  params: z.strictObject({ id: IdSchema }),
  body: z.strictObject({
    user_id: z.union([z.string().min(1).max(200), z.int()]).transform(String),
    rating: z.number().min(0).max(5),
    comment: z.string().max(2_000).nullish().describe('kept with personal data taken out'),
  }),
  responses: {
    200: {
      about: 'how the answer is rated now',
      schema: z.object({ memory_id: z.string(), user_rating: z.number(), rating_count: z.int() }),
    },
    ...ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, caller, params, body }) {
    await requireMemory(services, caller, params.id);
    const rated = await rateMemory(services.database, {
      memoryId: params.id,
      userId: body.user_id,
      caller: caller.key.name,
      rating: body.rating,
      comment: body.comment ?? null,
      auditedAs: caller.key.role === 'admin' ? caller.key.name : undefined,
    });
    return { memory_id: params.id, user_rating: rated.userRating, rating_count: rated.ratingCount };
  },
});
