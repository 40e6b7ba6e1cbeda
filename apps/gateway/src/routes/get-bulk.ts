import { AiCoreError } from '@ai-core/core';
import { bulkProgress, listBulkItems } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES, JobParams, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { BulkProgressSchema, toProgress } from './bulk-schema.ts';

const ItemSchema = z.object({
  line: z.int(),
  state: z.enum(['pending', 'done', 'failed']),
  request_id: z.string().nullable(),
  job_id: z.string().nullable().describe('GET /v1/jobs/{job_id} has its answer'),
  memory_id: z.string().nullable(),
  error_code: z.string().nullable().describe('why the line was refused'),
  error_message: z.string().nullable(),
  status_url: z.string().nullable(),
});

export const getBulk = declareRoute({
  method: 'GET',
  path: '/v1/bulk/:id',
  need: 'app',
  scope: 'own',
  tag: 'bulk',
  about: 'How a group of requests goes, and its lines page by page',
  errors: 'problem',
  params: JobParams,
  query: z.strictObject({
    after: z.coerce.number().int().min(0).default(0).describe('the last line that is known already'),
    limit: z.coerce.number().int().min(0).max(1_000).default(100),
  }),
  responses: { 200: { about: 'the progress', schema: BulkProgressSchema.extend({ items: z.array(ItemSchema) }) }, ...ERROR_RESPONSES },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, caller, params, query }) {
    const { database } = services;
    const progress = await bulkProgress(database, params.id, caller.key.name);
    if (progress === null) throw new AiCoreError('NOT_FOUND', 'there is no such group of this API key');
    const items = await listBulkItems(database, { id: params.id, caller: caller.key.name, ...query });
    return {
      ...toProgress(params.id, progress),
      items: items.map((item) => ({
        line: item.line,
        state: item.state,
        request_id: item.requestId,
        job_id: item.jobId,
        memory_id: item.memoryId,
        error_code: item.errorCode,
        error_message: item.errorMessage,
        status_url: item.jobId === null ? null : `/v1/jobs/${item.jobId}?request_id=${item.requestId}`,
      })),
    };
  },
});
